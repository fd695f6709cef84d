import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const source = join(import.meta.dirname, 'preads.c');

/** Compiles preads.c into this folder. @returns the program's path; undefined where there is no C compiler as `cc` */
export function compilePreads(folder: string): string | undefined {
  const program = join(folder, 'preads');
  try {
    execFileSync('cc', ['-O2', '-Wall', '-Werror', '-o', program, source], { stdio: 'pipe' });
    return program;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`Cannot compile ${source}: cc failed`, { cause: error });
  }
}

/** A C program that reads the same files in the same order, from descriptors that it keeps open. */
export class Preads implements AsyncDisposable {
  /** How many of the files could be opened. */
  readonly files: number;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, files: number) {
    this.#child = child;
    this.#lines = lines;
    this.files = files;
  }

  static async start(program: string, paths: readonly string[]): Promise<Preads> {
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.write(`${paths.join('\n')}\n\n`);
    return new Preads(child, lines, Number((await lines.next()).value));
  }

  /** Reads every file once. @returns how long that took */
  async usec(): Promise<number> {
    this.#child.stdin?.write('\n');
    const { value } = await this.#lines.next();
    return Number(value) / 1000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin?.end();
    await ended;
  }
}

/** A folder for the program, removed at the end. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'tacho-bench-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
