import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundlePrograms } from '../../image/bundles.ts';

const repository = join(import.meta.dirname, '../..');
const politeMs = 5_000;

export type ProgramName = 'agent' | 'aggregator' | 'puller';

/** The programs as the image has them, in a folder of their own. */
export class Bundle implements Disposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Bundle> {
    const { entries } = await bundlePrograms(repository, '0.0.0');
    const folder = mkdtempSync(join(tmpdir(), 'tacho-bundle-'));
    mkdirSync(folder, { recursive: true });
    for (const entry of entries) {
      if ('content' in entry) writeFileSync(join(folder, basename(entry.path)), entry.content);
    }
    return new Bundle(folder);
  }

  program(name: ProgramName): string {
    return join(this.folder, `${name}.js`);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** How the agent, or another of the programs, is started. */
export interface BundledAgentOptions {
  readonly bundle: Bundle;
  readonly program?: ProgramName;
  readonly nodeFlags: readonly string[];
  readonly args: readonly string[];
  /** Beside PATH and NODE_ENV, which the image sets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Said in front of `node`, such as `sh -c 'ulimit …; exec "$@"' sh`. */
  readonly wrapper?: readonly string[];
}

/** The agent's process as it runs in a pod: no loader, no debugger, no channel to its parent. */
export class BundledAgent implements AsyncDisposable {
  readonly pid: number;
  /** Its log, parsed. */
  readonly log: Readonly<Record<string, unknown>>[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  #changed = Promise.withResolvers<void>();

  constructor({ bundle, program = 'agent', nodeFlags, args, env = {}, wrapper = [] }: BundledAgentOptions) {
    const [command = '', ...rest] = [
      ...wrapper,
      process.execPath,
      ...nodeFlags,
      bundle.program(program),
      ...args,
    ];
    const child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...env },
    });
    this.#child = child;
    this.pid = child.pid ?? -1;
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `exit code ${code}`}`));
    });
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      this.log.push(JSON.parse(line) as Record<string, unknown>);
      const changed = this.#changed;
      this.#changed = Promise.withResolvers();
      changed.resolve();
    });
  }

  /** Resolves when so many lines have this message. @throws when the agent ends before that */
  async logged(message: string, times = 1): Promise<void> {
    while (this.log.filter(({ msg }) => msg === message).length < times) {
      const how = await Promise.race([this.#changed.promise, this.#ended]);
      if (typeof how === 'string') {
        const words = this.log.slice(-5).map((entry) => JSON.stringify(entry));
        throw new Error(
          `the program ${how} before it said "${message}"; its last words:\n${words.join('\n')}`,
        );
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), politeMs);
    await this.#ended;
    clearTimeout(insist);
  }
}
