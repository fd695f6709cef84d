import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const reporter = join(import.meta.dirname, 'closing-line.ts');

/** The last lines of a run of one test file with this text, from its first failure on. */
function closingLines(text: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'tacho-closing-line-'));
  try {
    writeFileSync(join(folder, 'some.test.mjs'), text);
    const args = [
      vitest,
      'run',
      '--globals',
      `--root=${folder}`,
      '--reporter=default',
      `--reporter=${reporter}`,
    ];
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env: {} });
    const lines = stdout.trimEnd().split('\n');
    return lines.slice(lines.findIndex((line) => /^failed: |^\d+ passed, /.test(line)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const three = `test('a', () => {}); test('b', () => { throw new Error('b'); }); test.skip('c', () => {});`;
const hook = (name: string) => `${name}(() => { throw new Error('hook'); });`;

test.each([
  ['counts tests by what became of them', three, '1 passed, 1 failed, 1 skipped'],
  ['counts a file that cannot be loaded', `import './missing.mjs';`, '0 passed, 1 failed, 0 skipped'],
  ['counts a file whose beforeAll() fails', hook('beforeAll') + three, '0 passed, 1 failed, 3 skipped'],
  ['counts a file whose afterAll() fails', hook('afterAll') + three, '1 passed, 2 failed, 1 skipped'],
  [
    'counts a group whose beforeAll() fails',
    `describe('d', () => { ${hook('beforeAll')} test('a', () => {}); });`,
    '0 passed, 1 failed, 1 skipped',
  ],
])('ClosingLine %s', (_, text, line) => {
  expect(closingLines(text).at(-1)).toBe(line);
});

test('ClosingLine names what failed, hooks too, with the first line of each error', () => {
  const text = `describe('d', () => { ${hook('beforeAll')} test('a', () => {}); }); test('b', () => { throw new Error('b\\nc'); });`;
  expect(closingLines(text)).toEqual([
    'failed: some.test.mjs > b: b',
    'failed: some.test.mjs > d: hook',
    '0 passed, 2 failed, 1 skipped',
  ]);
});
