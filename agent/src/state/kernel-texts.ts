import { Buffer } from 'node:buffer';
import type { FileCalls, KernelFile } from 'node-cgroup-stats';
import type { KernelFileState } from '../debug/debug-state.ts';

/** Somebody who has asked is taken to look for this long. */
const lookUsec = 60_000_000;
/** As much as a reading takes in: longer texts are unreadable. */
const longestTextBytes = 64 * 1024;

/** What keeping texts needs. */
export interface KernelTextsDeps {
  readonly calls: FileCalls;
  readonly monotonicUsec: () => number;
  /** A time of the monotonic clock on the wall clock, RFC 3339 with ms. */
  readonly timeOf: (monotonicUsec: number) => string;
  /** When the text of a file that is read aside was read; undefined for one that was read right now. */
  readonly readAsideAtUsec?: (path: string) => number | undefined;
}

/**
 * The texts of the kernel files as they were read last, so that a person sees of what a number was made. They are kept only
 * while somebody looks; in between, reading costs what it costs without this.
 */
export class KernelTexts {
  /** To be used for every reading. */
  readonly calls: FileCalls;
  readonly #deps: KernelTextsDeps;
  readonly #paths = new Map<number, string>();
  readonly #texts = new Map<string, { readonly text: string; readonly readAtUsec: number }>();
  #lookedAtUsec = Number.NEGATIVE_INFINITY;
  #keeps = false;
  /** One for all that is read anew: a thousand of them at once would be memory for long. */
  #buffer: Buffer | undefined;

  constructor(deps: KernelTextsDeps) {
    const { calls } = deps;
    this.#deps = deps;
    this.calls = {
      exists: (path) => calls.exists(path),
      open: (path) => {
        const fd = calls.open(path);
        this.#paths.set(fd, path);
        return fd;
      },
      read: (fd, buffer) => {
        const byteLength = calls.read(fd, buffer);
        if (this.#keeps) this.#keep(fd, buffer, byteLength);
        return byteLength;
      },
      close: (fd) => {
        this.#texts.delete(this.#paths.get(fd) ?? '');
        this.#paths.delete(fd);
        calls.close(fd);
      },
    };
  }

  /** Somebody looks: texts are kept from now on. */
  look(): void {
    this.#lookedAtUsec = this.#deps.monotonicUsec();
    this.#keeps = true;
  }

  /** To be called before each tick: stops keeping texts when nobody has looked for a minute. */
  tick(): void {
    if (!this.#keeps || this.#deps.monotonicUsec() - this.#lookedAtUsec < lookUsec) return;
    this.#keeps = false;
    this.#texts.clear();
  }

  /**
   * The texts behind the last reading of a cgroup.
   * @param mayRead whether to read what was not kept: not where a file may take long, since that would delay the tick
   */
  of(files: readonly KernelFile[], mayRead: boolean): KernelFileState[] {
    return files.map(({ path, errorCode }) => {
      const kept = this.#texts.get(path);
      const now = this.#deps.timeOf(this.#deps.monotonicUsec());
      if (errorCode !== '') return { path, readAt: now, readFor: 'tick', problem: errorCode };
      if (kept !== undefined) {
        return { path, readAt: this.#deps.timeOf(kept.readAtUsec), readFor: 'tick', text: kept.text };
      }
      return mayRead
        ? { path, readAt: now, readFor: 'request', ...this.#readNow(path) }
        : { path, readAt: now, readFor: 'request', problem: 'kept from the next tick on' };
    });
  }

  #keep(fd: number, buffer: Buffer, byteLength: number): void {
    const path = this.#paths.get(fd);
    if (path === undefined) return;
    const text = buffer.toString('latin1', 0, byteLength);
    const { monotonicUsec, readAsideAtUsec } = this.#deps;
    this.#texts.set(path, { text, readAtUsec: readAsideAtUsec?.(path) ?? monotonicUsec() });
  }

  #readNow(path: string): { text: string } | { problem: string } {
    const { calls } = this.#deps;
    try {
      const fd = calls.open(path);
      try {
        this.#buffer ??= Buffer.alloc(longestTextBytes);
        const buffer = this.#buffer;
        return { text: buffer.toString('latin1', 0, calls.read(fd, buffer)) };
      } finally {
        calls.close(fd);
      }
    } catch (error) {
      return { problem: error instanceof Error && 'code' in error ? String(error.code) : 'unreadable' };
    }
  }
}
