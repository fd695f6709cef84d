/*
 * memory.usage_in_bytes of cgroup v1. At the root it is total_cache + total_rss, without kernel memory.
 *
 *   626851840
 *
 * https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 */
import type { Buffer } from 'node:buffer';
import type { ByteCount } from './byte-count.ts';
import { createDecimal, decimalToNumber } from './decimal.ts';
import type { KernelFile } from './kernel-file.ts';
import { parseSingleValue } from './single-value.ts';
import type { ParseStatus, QuantityStatus } from './status.ts';

const decimal = createDecimal();

export function parseMemoryUsageInBytes(buffer: Buffer, byteLength: number, into: ByteCount): ParseStatus {
  const status = parseSingleValue(buffer, byteLength, decimal);
  into.bytes = decimalToNumber(decimal);
  return status;
}

export function readMemoryUsageInBytes(file: KernelFile, into: ByteCount): QuantityStatus {
  const outcome = file.read();
  if (typeof outcome === 'number') return parseMemoryUsageInBytes(file.buffer, outcome, into);
  into.bytes = Number.NaN;
  return outcome;
}
