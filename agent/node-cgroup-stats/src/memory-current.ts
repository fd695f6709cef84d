/*
 * memory.current of cgroup v2 (kernel 4.5): bytes charged to the cgroup and everything below it, page cache and kernel
 * memory included. The real root has no such file; the root of a cgroup namespace has.
 *
 *   626851840
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

export function parseMemoryCurrent(buffer: Buffer, byteLength: number, into: ByteCount): ParseStatus {
  const status = parseSingleValue(buffer, byteLength, decimal);
  into.bytes = decimalToNumber(decimal);
  return status;
}

export function readMemoryCurrent(file: KernelFile, into: ByteCount): QuantityStatus {
  const outcome = file.read();
  if (typeof outcome === 'number') return parseMemoryCurrent(file.buffer, outcome, into);
  into.bytes = Number.NaN;
  return outcome;
}
