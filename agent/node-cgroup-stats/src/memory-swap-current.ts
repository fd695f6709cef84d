/*
 * memory.swap.current of cgroup v2 (kernel 4.5): bytes of swap in use. Absent at the real root and wherever swap
 * accounting is off.
 *
 *   0
 *
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
 */
import type { Buffer } from 'node:buffer';
import type { ByteCount } from './byte-count.ts';
import { createDecimal, decimalToNumber } from './decimal.ts';
import type { KernelFile } from './kernel-file.ts';
import { parseSingleValue } from './single-value.ts';
import type { ParseStatus, QuantityStatus } from './status.ts';

const decimal = createDecimal();

export function parseMemorySwapCurrent(buffer: Buffer, byteLength: number, into: ByteCount): ParseStatus {
  const status = parseSingleValue(buffer, byteLength, decimal);
  into.bytes = decimalToNumber(decimal);
  return status;
}

export function readMemorySwapCurrent(file: KernelFile, into: ByteCount): QuantityStatus {
  const outcome = file.read();
  if (typeof outcome === 'number') return parseMemorySwapCurrent(file.buffer, outcome, into);
  into.bytes = Number.NaN;
  return outcome;
}
