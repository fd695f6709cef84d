import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram } from '../cluster/rig/requirements.ts';
import { cachedProgram } from '../kubectl/program-cache.ts';
import { outputOf, type ProcessResult, run } from './client-process.ts';

const module = join(import.meta.dirname, 'go');

/**
 * The program in `go/`, which reads with the typed clients of k8s.io/metrics. Built when this was not done before: minutes where
 * Go's own cache is cold, seconds where it is warm.
 */
export async function goClients(): Promise<string> {
  const hash = createHash('sha256').update(outputOf('go version', await go('version')));
  for (const file of (await readdir(module)).sort()) hash.update(await readFile(join(module, file)));
  return cachedProgram('metrics-clients', `go-${hash.digest('hex').slice(0, 16)}`, async () => {
    const built = join(tmpdir(), `tacho-go-${randomUUID()}`);
    try {
      const flags = ['-buildvcs=false', '-ldflags=-s -w', '-o', built];
      outputOf('go build', await go('build', ...flags, '.'));
      return await readFile(built);
    } finally {
      await rm(built, { force: true });
    }
  });
}

/** Why it cannot be built here, in one sentence. One that has everything and does not compile is a failure instead. */
export async function whyNoGoClients(): Promise<string | undefined> {
  const mend = "Go's typed clients need Go 1.26 or newer in /usr/local/go or PATH, and once a module proxy";
  if (findProgram('go') === undefined) return `${mend}: here is no Go`;
  const { code, stderr } = await go('mod', 'download');
  return code === 0 ? undefined : `${mend}: ${stderr.trim()}`;
}

function go(...args: readonly string[]): Promise<ProcessResult> {
  const program = findProgram('go') ?? 'go';
  // Go's own folder must be found by the tools that it starts.
  const env = { PATH: `${dirname(program)}:${process.env['PATH'] ?? ''}` };
  return run(program, ['-C', module, ...args], { env });
}
