import type { Buffer } from 'node:buffer';
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** The four system calls that a kernel file needs. Each throws an Error with a `code`, as node:fs does. */
export interface FileCalls {
  /** False for ENOENT and ENOTDIR, without the cost of an Error: absent files are asked for at each reading. */
  exists(path: string): boolean;
  open(path: string): number;
  /** Bytes read from the file's beginning; the kernel makes the text anew for each such read. */
  read(fd: number, buffer: Buffer): number;
  close(fd: number): void;
}

export const hostFileCalls: FileCalls = {
  exists: (path) => statSync(path, { throwIfNoEntry: false }) !== undefined,
  open: (path) => openSync(path, 'r'),
  read: (fd, buffer) => readSync(fd, buffer, 0, buffer.length, 0),
  close: (fd) => closeSync(fd),
};

/** The errno name of something thrown by a file call; "unknown" for anything else. */
export function errorCodeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : 'unknown';
}
