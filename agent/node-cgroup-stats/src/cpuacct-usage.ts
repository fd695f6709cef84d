/*
 * cpuacct.usage of cgroup v1: nanoseconds of CPU time of the cgroup and everything below it.
 *
 *   133867155662
 *
 * https://docs.kernel.org/admin-guide/cgroup-v1/cpuacct.html
 */
import type { Buffer } from 'node:buffer';
import type { CpuUsage } from './cpu-usage.ts';
import { forgetCpuUsage } from './cpu-usage.ts';
import { createDecimal } from './decimal.ts';
import type { KernelFile } from './kernel-file.ts';
import { parseSingleValue } from './single-value.ts';
import type { ParseStatus, QuantityStatus } from './status.ts';

const nanoseconds = createDecimal();

export function parseCpuacctUsage(buffer: Buffer, byteLength: number, into: CpuUsage): ParseStatus {
  const status = parseSingleValue(buffer, byteLength, nanoseconds);
  into.usageSeconds = nanoseconds.billions;
  into.usageNanoseconds = nanoseconds.remainder;
  return status;
}

export function readCpuacctUsage(file: KernelFile, into: CpuUsage): QuantityStatus {
  const outcome = file.read();
  if (typeof outcome === 'number') return parseCpuacctUsage(file.buffer, outcome, into);
  forgetCpuUsage(into);
  return outcome;
}
