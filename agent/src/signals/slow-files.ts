import { Buffer } from 'node:buffer';
import type { FileCalls } from 'node-cgroup-stats';
import type { SlowFile } from './signal-values.ts';

/** What looking after slow files needs. */
export interface SlowFilesDeps {
  readonly calls: FileCalls;
  /** Reads a whole file without holding up this thread. */
  readonly readAside: (path: string) => Promise<Uint8Array>;
  readonly monotonicUsec: () => number;
  /** How long this thread has been running on a processor. */
  readonly busyUsec: () => number;
}

/** What is looked after, and how. */
export interface SlowFilesOptions {
  /**
   * A reading that takes longer makes its file a slow one, if the thread was running for half of that at least: on a machine
   * with too much to do a reading takes long because the thread had to wait, and that is not the file's fault.
   */
  readonly slowUsec: number;
  /** By default all files are. */
  readonly isWatched?: (path: string) => boolean;
}

interface Slow {
  text: Uint8Array;
  readAtUsec: number;
  tookUsec: number;
  askedAtUsec: number;
  isBeingRead: boolean;
}

/** A slow file is read again after so many times what it took: one reading of 3 s in 150 s is 2 % of a processor. */
const pauseFactor = 50;
const shortestPauseUsec = 5_000_000;
const longestPauseUsec = 600_000_000;
/** Nobody has asked for so long: the cgroup is gone. */
const forgetUsec = 2 * longestPauseUsec;

/**
 * File calls that are never held up twice by one file. The text of a file whose reading took long is kept and given out from
 * then on, and read anew aside, seldom, until it is quick again: cgroup v1 of old kernels walks through every dead cgroup
 * of the machine for the root's memory.stat, which can take seconds.
 */
export class SlowFiles {
  readonly calls: FileCalls;
  readonly #deps: SlowFilesDeps;
  readonly #options: SlowFilesOptions;
  readonly #paths = new Map<number, string>();
  readonly #slow = new Map<string, Slow>();

  constructor(deps: SlowFilesDeps, options: SlowFilesOptions) {
    const { calls } = deps;
    this.#deps = deps;
    this.#options = options;
    this.calls = {
      exists: (path) => calls.exists(path),
      open: (path) => this.#open(path),
      read: (fd, buffer) => this.#read(fd, buffer),
      close: (fd) => {
        this.#paths.delete(fd);
        calls.close(fd);
      },
    };
  }

  /** Those that are slow at present. */
  list(): SlowFile[] {
    const nowUsec = this.#deps.monotonicUsec();
    this.#forgetOld(nowUsec);
    return Array.from(this.#slow, ([path, { readAtUsec, tookUsec }]) => ({
      ...{ path, tookUsec: Math.round(tookUsec) },
      ageUsec: Math.round(nowUsec - readAtUsec),
    }));
  }

  /** When the text that is given out for a slow file was read; undefined for a file that is read in the ordinary way. */
  readAtUsec(path: string): number | undefined {
    return this.#slow.get(path)?.readAtUsec;
  }

  #open(path: string): number {
    const fd = this.#deps.calls.open(path);
    if (this.#options.isWatched?.(path) ?? true) this.#paths.set(fd, path);
    return fd;
  }

  #read(fd: number, buffer: Buffer): number {
    const { calls, monotonicUsec } = this.#deps;
    const path = this.#paths.get(fd);
    if (path === undefined) return calls.read(fd, buffer);
    const begunUsec = monotonicUsec();
    const slow = this.#slow.get(path);
    if (slow !== undefined) {
      slow.askedAtUsec = begunUsec;
      this.#refresh(path, slow, begunUsec);
      // A text that fills the buffer is refused by who asked, as if it had been read.
      buffer.set(slow.text.subarray(0, buffer.length));
      return Math.min(slow.text.length, buffer.length);
    }
    const busyUsec = this.#deps.busyUsec();
    const byteLength = calls.read(fd, buffer);
    const readAtUsec = monotonicUsec();
    const tookUsec = readAtUsec - begunUsec;
    const { slowUsec } = this.#options;
    if (tookUsec > slowUsec && (this.#deps.busyUsec() - busyUsec) * 2 > slowUsec) {
      this.#forgetOld(readAtUsec);
      const text = Buffer.from(buffer.subarray(0, byteLength));
      this.#slow.set(path, { text, readAtUsec, tookUsec, askedAtUsec: readAtUsec, isBeingRead: false });
    }
    return byteLength;
  }

  #refresh(path: string, slow: Slow, nowUsec: number): void {
    const pauseUsec = Math.min(Math.max(slow.tookUsec * pauseFactor, shortestPauseUsec), longestPauseUsec);
    if (slow.isBeingRead || nowUsec - slow.readAtUsec < pauseUsec) return;
    slow.isBeingRead = true;
    const forget = () => {
      if (this.#slow.get(path) === slow) this.#slow.delete(path);
    };
    this.#deps.readAside(path).then((text) => {
      slow.readAtUsec = this.#deps.monotonicUsec();
      slow.tookUsec = slow.readAtUsec - nowUsec;
      slow.text = text;
      slow.isBeingRead = false;
      // Half: a file on the border must not change sides with each reading.
      if (slow.tookUsec <= this.#options.slowUsec / 2) forget();
      // What failed is read in the ordinary way, so that whoever asks hears why.
    }, forget);
  }

  #forgetOld(nowUsec: number): void {
    for (const [path, { askedAtUsec }] of this.#slow) {
      if (nowUsec - askedAtUsec > forgetUsec) this.#slow.delete(path);
    }
  }
}
