/*
 * /proc/meminfo: the machine's memory in KiB (the kernel writes "kB").
 *
 *   MemTotal:       24684096 kB
 *   MemFree:        23870996 kB
 *   ...
 *   SwapTotal:             0 kB
 *   SwapFree:              0 kB
 *   ...
 *
 * https://docs.kernel.org/filesystems/proc.html#meminfo
 */
import { Buffer } from 'node:buffer';
import { createDecimal, decimalToNumber, parseDecimal } from './decimal.ts';
import type { FlatKey } from './flat-keyed.ts';
import { createFlatKey, findValue, isWholeText } from './flat-keyed.ts';
import type { KernelFile } from './kernel-file.ts';
import type { ParseStatus, QuantityStatus } from './status.ts';

/** Two differences, the only things asked of this file. */
export interface Meminfo {
  /** MemTotal − MemFree: page cache counts as used. */
  memoryUsedStatus: QuantityStatus;
  memoryUsedBytes: number;
  /** SwapTotal − SwapFree. */
  swapUsedStatus: QuantityStatus;
  swapUsedBytes: number;
}

export function createMeminfo(): Meminfo {
  return {
    memoryUsedStatus: 'absent',
    memoryUsedBytes: Number.NaN,
    swapUsedStatus: 'absent',
    swapUsedBytes: Number.NaN,
  };
}

const MEM_TOTAL = createFlatKey('MemTotal', ':');
const MEM_FREE = createFlatKey('MemFree', ':');
const SWAP_TOTAL = createFlatKey('SwapTotal', ':');
const SWAP_FREE = createFlatKey('SwapFree', ':');
const UNIT = Buffer.from(' kB\n', 'latin1');
const SPACE = 0x20;
const decimal = createDecimal();
/** What `parseDifference` and `parseKib` leave behind, so that neither makes an object. */
const parsed = { bytes: Number.NaN };

/** The status of the text as a whole: `ok` says nothing of the two differences. */
export function parseMeminfo(buffer: Buffer, byteLength: number, into: Meminfo): ParseStatus {
  into.memoryUsedStatus = parseDifference(buffer, byteLength, MEM_TOTAL, MEM_FREE);
  into.memoryUsedBytes = parsed.bytes;
  into.swapUsedStatus = parseDifference(buffer, byteLength, SWAP_TOTAL, SWAP_FREE);
  into.swapUsedBytes = parsed.bytes;
  return isWholeText(buffer, byteLength) ? 'ok' : 'malformed';
}

export function readMeminfo(file: KernelFile, into: Meminfo): QuantityStatus {
  const outcome = file.read();
  if (typeof outcome === 'number') return parseMeminfo(file.buffer, outcome, into);
  into.memoryUsedStatus = outcome;
  into.memoryUsedBytes = Number.NaN;
  into.swapUsedStatus = outcome;
  into.swapUsedBytes = Number.NaN;
  return outcome;
}

/** Total − free, at least 0: the two are not taken at one instant. */
function parseDifference(buffer: Buffer, byteLength: number, total: FlatKey, free: FlatKey): ParseStatus {
  const totalStatus = parseKib(buffer, byteLength, total);
  const totalBytes = parsed.bytes;
  const freeStatus = parseKib(buffer, byteLength, free);
  parsed.bytes = Math.max(0, totalBytes - parsed.bytes);
  return totalStatus === 'ok' ? freeStatus : totalStatus;
}

function parseKib(buffer: Buffer, byteLength: number, key: FlatKey): ParseStatus {
  parsed.bytes = Number.NaN;
  if (!isWholeText(buffer, byteLength)) return 'malformed';
  let start = findValue(buffer, byteLength, key);
  if (start === -1) return 'absent';
  while (start < byteLength && buffer[start] === SPACE) start += 1;
  const end = parseDecimal(buffer, start, byteLength, decimal);
  if (end === -1) return 'malformed';
  // The text ends in a newline and so does the unit: what agrees lies within the text.
  for (let offset = 0; offset < UNIT.length; offset += 1) {
    if (buffer[end + offset] !== UNIT[offset]) return 'malformed';
  }
  parsed.bytes = decimalToNumber(decimal) * 1024;
  return 'ok';
}
