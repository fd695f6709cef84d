import { Buffer } from 'node:buffer';
import type { Decimal } from './decimal.ts';
import { parseDecimal } from './decimal.ts';
import type { ParseStatus } from './status.ts';

/** "Flat keyed" is the kernel's name (cgroup-v2.rst) for files of lines `key value`. */
export interface FlatKey {
  /** `key `, for the first line of the file. */
  readonly atStart: Buffer;
  /** `\nkey `: with the newline, `inactive_file` does not match inside `total_inactive_file`. */
  readonly afterNewline: Buffer;
}

const NEWLINE = 0x0a;

/** Precomputes what to search for; `separator` is what stands between key and value. */
export function createFlatKey(key: string, separator = ' '): FlatKey {
  return {
    atStart: Buffer.from(`${key}${separator}`, 'latin1'),
    afterNewline: Buffer.from(`\n${key}${separator}`, 'latin1'),
  };
}

/** False for an empty text and for one cut before its last newline: every key in it is then malformed. */
export function isWholeText(buffer: Uint8Array, byteLength: number): boolean {
  return byteLength > 0 && buffer[byteLength - 1] === NEWLINE;
}

/** Offset of the first value of a key within a whole text, or -1. */
export function findValue(buffer: Buffer, byteLength: number, key: FlatKey): number {
  if (startsWith(buffer, byteLength, key.atStart)) return key.atStart.length;
  // The buffer is longer than the text and holds the rest of earlier, longer texts: a hit there is no hit.
  const found = buffer.indexOf(key.afterNewline);
  const value = found + key.afterNewline.length;
  return found === -1 || value > byteLength ? -1 : value;
}

/** The number of one key. Other lines are not looked at: kernels add keys, and one bad line must not cost the rest. */
export function parseFlatKey(buffer: Buffer, byteLength: number, key: FlatKey, into: Decimal): ParseStatus {
  into.billions = Number.NaN;
  into.remainder = Number.NaN;
  if (!isWholeText(buffer, byteLength)) return 'malformed';
  const value = findValue(buffer, byteLength, key);
  if (value === -1) return 'absent';
  const end = parseDecimal(buffer, value, byteLength, into);
  if (end !== -1 && end < byteLength && buffer[end] === NEWLINE) return 'ok';
  into.billions = Number.NaN;
  into.remainder = Number.NaN;
  return 'malformed';
}

function startsWith(buffer: Uint8Array, byteLength: number, start: Uint8Array): boolean {
  if (byteLength < start.length) return false;
  for (let offset = 0; offset < start.length; offset += 1) {
    if (buffer[offset] !== start[offset]) return false;
  }
  return true;
}
