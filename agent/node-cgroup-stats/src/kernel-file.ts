import type { Buffer } from 'node:buffer';
import type { FileCalls } from './file-calls.ts';
import { errorCodeOf, hostFileCalls } from './file-calls.ts';
import type { ReadFailure } from './status.ts';

const CLOSED = -1;

/**
 * One file of the kernel, opened at the first reading and kept open: each later reading is one pread(2). An open
 * descriptor neither blocks rmdir of a cgroup nor follows a new cgroup of the same name.
 */
export class KernelFile {
  readonly path: string;
  /** Holds the text after a reading, until the next one by any file that shares the buffer. */
  readonly buffer: Buffer;
  /** The errno name behind the last failure, '' after a reading that succeeded. */
  errorCode = '';
  /** True once the file was there: a `gone` after that means that its cgroup was removed. */
  wasOpened = false;

  readonly #directory: string;
  readonly #calls: FileCalls;
  #fd = CLOSED;
  #closed = false;

  /** `directory` is the cgroup's: while it exists, a missing file is `absent`, otherwise it is `gone`. */
  constructor(path: string, directory: string, buffer: Buffer, calls: FileCalls = hostFileCalls) {
    this.path = path;
    this.buffer = buffer;
    this.#directory = directory;
    this.#calls = calls;
  }

  /** The number of bytes now in `buffer`, or why there are none. Never throws. */
  read(): number | ReadFailure {
    if (this.#fd === CLOSED) {
      const failure = this.#open();
      if (failure !== undefined) return failure;
    }
    try {
      const byteLength = this.#calls.read(this.#fd, this.buffer);
      // A text that fills the buffer may go on; what was cut at a newline would look whole.
      if (byteLength === this.buffer.length) return this.#fail('EFBIG', 'unreadable');
      this.errorCode = '';
      return byteLength;
    } catch (thrown) {
      const code = errorCodeOf(thrown);
      // ENODEV is what kernfs answers once the cgroup has been removed.
      if (code !== 'ENODEV' && code !== 'ENOENT') return this.#fail(code, 'unreadable');
      this.#closeDescriptor();
      return this.#fail(code, 'gone');
    }
  }

  /** Gives the descriptor back. May be called at any time and again; readings after it are `unreadable` (EBADF). */
  close(): void {
    this.#closed = true;
    this.#closeDescriptor();
  }

  #open(): ReadFailure | undefined {
    if (this.#closed) return this.#fail('EBADF', 'unreadable');
    try {
      if (!this.#calls.exists(this.path)) return this.#failMissing();
      this.#fd = this.#calls.open(this.path);
      this.wasOpened = true;
      return undefined;
    } catch (thrown) {
      const code = errorCodeOf(thrown);
      if (code === 'ENODEV') return this.#fail(code, 'gone');
      return code === 'ENOENT' ? this.#failMissing() : this.#fail(code, 'unreadable');
    }
  }

  #failMissing(): ReadFailure {
    try {
      return this.#fail('ENOENT', this.#calls.exists(this.#directory) ? 'absent' : 'gone');
    } catch (thrown) {
      return this.#fail(errorCodeOf(thrown), 'unreadable');
    }
  }

  #fail(code: string, failure: ReadFailure): ReadFailure {
    this.errorCode = code;
    return failure;
  }

  #closeDescriptor(): void {
    if (this.#fd === CLOSED) return;
    const fd = this.#fd;
    // Forgotten first: after a failed close(2) the number may already belong to someone else.
    this.#fd = CLOSED;
    try {
      this.#calls.close(fd);
    } catch (thrown) {
      this.errorCode = errorCodeOf(thrown);
    }
  }
}
