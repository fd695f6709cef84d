/*
 * memory.stat of cgroup v2 (kernel 4.5), bytes, hierarchical, at most about 2 s old by design. Exists at the root too.
 *
 *   anon 190619648
 *   file 437133312
 *   ...
 *   inactive_file 148209664
 *   ...
 *
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
 */
import type { Buffer } from 'node:buffer';
import { createDecimal, decimalToNumber } from './decimal.ts';
import type { FlatKey } from './flat-keyed.ts';
import { createFlatKey, isWholeText, parseFlatKey } from './flat-keyed.ts';
import type { KernelFile } from './kernel-file.ts';
import type { ParseStatus, QuantityStatus } from './status.ts';

export interface MemoryStat {
  anonStatus: QuantityStatus;
  anonBytes: number;
  fileStatus: QuantityStatus;
  fileBytes: number;
  inactiveFileStatus: QuantityStatus;
  inactiveFileBytes: number;
}

export function createMemoryStat(): MemoryStat {
  return {
    anonStatus: 'absent',
    anonBytes: Number.NaN,
    fileStatus: 'absent',
    fileBytes: Number.NaN,
    inactiveFileStatus: 'absent',
    inactiveFileBytes: Number.NaN,
  };
}

const ANON = createFlatKey('anon');
const FILE = createFlatKey('file');
const INACTIVE_FILE = createFlatKey('inactive_file');
const decimal = createDecimal();

/** The status of the text as a whole: `ok` says nothing of the keys, each of which has a status of its own. */
export function parseMemoryStat(buffer: Buffer, byteLength: number, into: MemoryStat): ParseStatus {
  into.anonStatus = parseKey(buffer, byteLength, ANON);
  into.anonBytes = decimalToNumber(decimal);
  into.fileStatus = parseKey(buffer, byteLength, FILE);
  into.fileBytes = decimalToNumber(decimal);
  into.inactiveFileStatus = parseKey(buffer, byteLength, INACTIVE_FILE);
  into.inactiveFileBytes = decimalToNumber(decimal);
  return isWholeText(buffer, byteLength) ? 'ok' : 'malformed';
}

export function readMemoryStat(file: KernelFile, into: MemoryStat): QuantityStatus {
  const outcome = file.read();
  if (typeof outcome === 'number') return parseMemoryStat(file.buffer, outcome, into);
  into.anonStatus = outcome;
  into.anonBytes = Number.NaN;
  into.fileStatus = outcome;
  into.fileBytes = Number.NaN;
  into.inactiveFileStatus = outcome;
  into.inactiveFileBytes = Number.NaN;
  return outcome;
}

function parseKey(buffer: Buffer, byteLength: number, key: FlatKey): ParseStatus {
  return parseFlatKey(buffer, byteLength, key, decimal);
}
