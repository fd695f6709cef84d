import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksRunBy, commandBlocks } from '../documents/command-blocks.ts';
import { repository, textOfPage } from '../documents/pages.ts';
import { shellSession } from '../documents/shell-session.ts';
import { until } from '../kernel/checks/until.ts';
import { kubectlBinary } from '../kubectl/kubectl-binary.ts';

const file = 'test/machine/documented.test.ts';
/** `npm run image` and what else is cheap, word for word. */
const pages = ['README.md', 'docs/benchmarks.md'];
const npmStart = fileURLToPath(new URL('../one-machine/main.ts', import.meta.url));
/** As `npm start` has printed it in the page. */
const printedKubeconfig = /\/tmp\/tacho-\d+-\w+\/kubeconfig/;

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-documented-'));
  symlinkSync(await kubectlBinary('1.36'), join(folder, 'kubectl'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (commands: readonly string[], replaced: Readonly<Record<string, string>>) =>
  execFileSync('bash', ['-c', shellSession(commands, replaced)], {
    cwd: repository,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const blocks = pages.flatMap((page) =>
  blocksRunBy(file, commandBlocks(textOfPage(page))).map((block) => ({ page, ...block })),
);
const needsStart = ({ commands }: { readonly commands: readonly string[] }) =>
  commands.some((command) => printedKubeconfig.test(command));

test.each(blocks.filter((block) => !needsStart(block)))('$page:$line does what it says', ({ commands }) => {
  // Not into the repository.
  const output = join(folder, 'tacho-image.tar');
  const elsewhere = {
    'npm run image -- --name=registry': `npm run image -- --output=${output} --name=registry`,
    'dist/tacho-image.tar': output,
  };
  expect(run(commands, elsewhere)).not.toBe('');
});

describe('beside npm start', () => {
  const sessions = blocks.filter(needsStart);

  test('there is a session in the README', () =>
    expect(sessions.map(({ page }) => page)).toEqual(['README.md']));

  test.each(sessions)('$page:$line does what it says', async ({ commands }) => {
    const child = spawn(process.execPath, [npmStart], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    try {
      await until('the table', () => output.includes('NODE '), 60_000);
      const [printed = ''] = printedKubeconfig.exec(commands.join('\n')) ?? [];
      const [real = ''] = /KUBECONFIG=(\S+)/.exec(output)?.slice(1) ?? [];
      expect(run(commands, { [printed]: real })).toMatch(/NAME +CPU\(cores\)[\s\S]*"kind":"NodeMetricsList"/);
    } finally {
      child.kill('SIGINT');
      await ended;
    }
  });
});
