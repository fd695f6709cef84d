/*
 * memory.stat of cgroup v1, bytes. The keys without `total_` count the cgroup alone, those with it everything below too:
 * only these match memory.usage_in_bytes. `total_swap` is missing without swap accounting.
 *
 *   cache 9175040
 *   ...
 *   inactive_file 8192
 *   ...
 *   total_swap 0
 *   ...
 *   total_inactive_file 148209664
 *   ...
 *
 * https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 */
import type { Buffer } from 'node:buffer';
import { createDecimal, decimalToNumber } from './decimal.ts';
import { createFlatKey, isWholeText, parseFlatKey } from './flat-keyed.ts';
import type { KernelFile } from './kernel-file.ts';
import type { ParseStatus, QuantityStatus } from './status.ts';

export interface MemoryStatV1 {
  totalInactiveFileStatus: QuantityStatus;
  totalInactiveFileBytes: number;
  totalSwapStatus: QuantityStatus;
  totalSwapBytes: number;
}

export function createMemoryStatV1(): MemoryStatV1 {
  return {
    totalInactiveFileStatus: 'absent',
    totalInactiveFileBytes: Number.NaN,
    totalSwapStatus: 'absent',
    totalSwapBytes: Number.NaN,
  };
}

const TOTAL_INACTIVE_FILE = createFlatKey('total_inactive_file');
const TOTAL_SWAP = createFlatKey('total_swap');
const decimal = createDecimal();

/** The status of the text as a whole: `ok` says nothing of the keys, each of which has a status of its own. */
export function parseMemoryStatV1(buffer: Buffer, byteLength: number, into: MemoryStatV1): ParseStatus {
  into.totalInactiveFileStatus = parseFlatKey(buffer, byteLength, TOTAL_INACTIVE_FILE, decimal);
  into.totalInactiveFileBytes = decimalToNumber(decimal);
  into.totalSwapStatus = parseFlatKey(buffer, byteLength, TOTAL_SWAP, decimal);
  into.totalSwapBytes = decimalToNumber(decimal);
  return isWholeText(buffer, byteLength) ? 'ok' : 'malformed';
}

export function readMemoryStatV1(file: KernelFile, into: MemoryStatV1): QuantityStatus {
  const outcome = file.read();
  if (typeof outcome === 'number') return parseMemoryStatV1(file.buffer, outcome, into);
  into.totalInactiveFileStatus = outcome;
  into.totalInactiveFileBytes = Number.NaN;
  into.totalSwapStatus = outcome;
  into.totalSwapBytes = Number.NaN;
  return outcome;
}
