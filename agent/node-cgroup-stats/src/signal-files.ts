import type { Buffer } from 'node:buffer';
import { join } from 'node:path';
import type { FileCalls } from './file-calls.ts';
import { KernelFile } from './kernel-file.ts';
import type { Parsed, Parser } from './parsed.ts';
import type { Signal } from './signal.ts';
import { isSince, type Needs, whyAbsent } from './signal-needs.ts';
import type { ReadFailure } from './status.ts';

/** The text of one file, good until the next one is read: they share a buffer. */
export interface SignalText {
  readonly path: string;
  /** Bytes of text, or why there are none. */
  readonly outcome: number | ReadFailure;
  /** The errno name of a failure. */
  readonly errorCode: string;
  readonly needs: Needs;
}

/** PSI that was left off at boot; Node names the errno by its other name. */
const switchedOff = new Set(['EOPNOTSUPP', 'ENOTSUP']);

/**
 * Reads files that are read seldom: each is opened, read and closed. Kept open, two dozen files of each of a thousand
 * containers would take more descriptors than a process has.
 */
export class SignalFiles {
  readonly #buffer: Buffer;
  readonly #calls: FileCalls;
  /** As in /proc/sys/kernel/osrelease; '' where it is not known. */
  readonly #release: string;

  constructor(buffer: Buffer, calls: FileCalls, release: string) {
    this.#buffer = buffer;
    this.#calls = calls;
    this.#release = release;
  }

  exists(directory: string): boolean {
    try {
      return this.#calls.exists(directory);
    } catch {
      // It cannot be looked at, so it is there: the readings will say why it cannot be read.
      return true;
    }
  }

  /** Whether the running kernel is that version or newer; false where nobody knows. */
  isKernelSince(version: string): boolean {
    return isSince(version, this.#release);
  }

  read(directory: string, name: string, needs: Needs): SignalText {
    const path = join(directory, name);
    const file = new KernelFile(path, directory, this.#buffer, this.#calls);
    const outcome = file.read();
    const { errorCode } = file;
    file.close();
    return { path, outcome, errorCode, needs };
  }

  /** What the text says. @param key of the text, where it has several, and what that one needs */
  signal<T>(
    text: SignalText,
    parse: Parser<T>,
    key?: { readonly name: string; readonly needs?: Needs },
  ): Signal<T> {
    const { path, outcome, errorCode } = text;
    if (typeof outcome === 'number') {
      const what = key === undefined ? path : `${key.name} in ${path}`;
      return this.#parsed(parse(this.#buffer, outcome), what, key?.needs ?? text.needs);
    }
    if (switchedOff.has(errorCode))
      return {
        status: 'absent',
        why: `${path} answers ${errorCode}: it takes ${text.needs.also ?? 'an option'}`,
      };
    if (outcome === 'unreadable') return { status: outcome, why: `${path} cannot be read: ${errorCode}` };
    // The cgroup itself is there, or nobody would ask: it only has no directory in this hierarchy.
    if (outcome === 'gone')
      return {
        status: 'absent',
        why: `${path} is not there, nor its directory: the cgroup is not in that hierarchy`,
      };
    return { status: outcome, why: whyAbsent(path, text.needs, this.#release) };
  }

  #parsed<T>(parsed: Parsed<T>, what: string, needs: Needs): Signal<T> {
    if (parsed.status === 'ok') return parsed;
    if (parsed.status === 'malformed')
      return { status: 'malformed', why: `${what} is not what the kernel writes` };
    return { status: 'absent', why: whyAbsent(what, needs, this.#release) };
  }
}
