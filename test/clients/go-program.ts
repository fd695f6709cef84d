import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram } from '../cluster/rig/requirements.ts';
import { cachedProgram } from '../kubectl/program-cache.ts';
import { outputOf, type ProcessResult, run } from './client-process.ts';

/** A Go module beside the tests, built when this was not done before: minutes where Go's own cache is cold, seconds where it is warm. */
export class GoProgram {
  readonly #name: string;
  readonly #module: string;
  readonly #what: string;

  /**
   * @param folder of the module, beside this file
   * @param what it is, in words: the beginning of the reason for which it cannot be built
   */
  constructor(name: string, folder: string, what: string) {
    this.#name = name;
    this.#module = join(import.meta.dirname, folder);
    this.#what = what;
  }

  /** @returns path of the executable */
  async build(): Promise<string> {
    const hash = createHash('sha256').update(outputOf('go version', await this.#go('version')));
    for (const file of (await readdir(this.#module)).sort())
      hash.update(await readFile(join(this.#module, file)));
    return cachedProgram(this.#name, `go-${hash.digest('hex').slice(0, 16)}`, async () => {
      const built = join(tmpdir(), `tacho-go-${randomUUID()}`);
      try {
        const flags = ['-buildvcs=false', '-ldflags=-s -w', '-o', built];
        outputOf('go build', await this.#go('build', ...flags, '.'));
        return await readFile(built);
      } finally {
        await rm(built, { force: true });
      }
    });
  }

  /** Why it cannot be built here, in one sentence. One that has everything and does not compile is a failure instead. */
  async whyNot(): Promise<string | undefined> {
    const mend = `${this.#what} need Go 1.26 or newer in /usr/local/go or PATH, and once a module proxy`;
    if (findProgram('go') === undefined) return `${mend}: here is no Go`;
    const { code, stderr } = await this.#go('mod', 'download');
    return code === 0 ? undefined : `${mend}: ${stderr.trim()}`;
  }

  #go(...args: readonly string[]): Promise<ProcessResult> {
    const program = findProgram('go') ?? 'go';
    // Go's own folder must be found by the tools that it starts.
    const env = { PATH: `${dirname(program)}:${process.env['PATH'] ?? ''}` };
    return run(program, ['-C', this.#module, ...args], { env });
  }
}

/** Reads with the typed clients of k8s.io/metrics. */
export const goClients = new GoProgram('metrics-clients', 'go', "Go's typed clients");

/** Reads what a kubelet serves, with Prometheus' parser and the kubelet's types. */
export const kubeletClients = new GoProgram(
  'kubelet-clients',
  'go-kubelet',
  'Prometheus’ parser and the kubelet’s types',
);
