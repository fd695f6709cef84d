import { readFileSync } from 'node:fs';
import type { FileCalls } from 'node-cgroup-stats';
import type { Logger } from 'pino';

/** What keeping descriptors back needs. */
export interface DescriptorReserveDeps {
  readonly log: Logger;
  readonly calls: FileCalls;
  /** How many descriptors this process may have open; undefined where that cannot be known. */
  readonly limit: () => number | undefined;
}

/** Sixteen streams, as many requests on each of two endpoints, directories, and what Node itself needs. */
const mostReserved = 64;

/**
 * Kernel files stay open, three or four for each container. Where the limit does not suffice for all of them, some
 * descriptors are kept back for streams, directories and endpoints: some pods then have no values, and the rest goes on.
 */
export class DescriptorReserve {
  /** To be used for kernel files that stay open. */
  readonly calls: FileCalls;
  readonly #deps: DescriptorReserveDeps;
  #limit: number;
  #first: ReadonlySet<string> = new Set();
  #refused = 0;
  #saidShortage = false;

  constructor(deps: DescriptorReserveDeps) {
    const { calls } = deps;
    this.#deps = deps;
    this.#limit = deps.limit() ?? Number.POSITIVE_INFINITY;
    this.calls = { ...calls, open: (path) => this.#open(path) };
  }

  /** These files may have what is kept back: without them nothing would be reported at all. */
  admit(paths: readonly string[]): void {
    this.#first = new Set(paths);
  }

  /** To be called after each tick: says when descriptors begin to be short and when they suffice again. */
  afterTick(): void {
    const refused = this.#refused;
    this.#refused = 0;
    if (refused > 0) this.#limit = this.#deps.limit() ?? Number.POSITIVE_INFINITY;
    if (refused > 0 === this.#saidShortage) return;
    this.#saidShortage = refused > 0;
    if (refused > 0) {
      this.#deps.log.warn(
        { files: refused, limit: this.#limit },
        'too few file descriptors for all containers: some pods are not reported until the container runtime gives more (LimitNOFILE of its unit)',
      );
    } else {
      this.#deps.log.info({ limit: this.#limit }, 'file descriptors suffice again');
    }
  }

  /** @throws EMFILE also when only what is kept back is left */
  #open(path: string): number {
    try {
      const descriptor = this.#deps.calls.open(path);
      // The kernel gives the lowest free number.
      if (descriptor < this.#limit - Math.min(mostReserved, this.#limit / 4) || this.#first.has(path))
        return descriptor;
      this.#deps.calls.close(descriptor);
    } catch (error) {
      if (isShortage(error)) this.#refused += 1;
      throw error;
    }
    this.#refused += 1;
    throw Object.assign(new Error(`EMFILE: keeping descriptors back, open '${path}'`), { code: 'EMFILE' });
  }
}

/** The soft limit in `/proc/self/limits` (proc(5)); undefined when there is none or the text is another. */
export function openFilesLimit(limits: string): number | undefined {
  const soft = /^Max open files\s+(\d+)\s/m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}

/** That of this process, as it is now. */
export function ownOpenFilesLimit(): number | undefined {
  try {
    return openFilesLimit(readFileSync('/proc/self/limits', 'latin1'));
  } catch {
    return undefined;
  }
}

function isShortage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');
}
