/*
 * cpu.stat of cgroup v2 (kernel 4.15, at the root since 5.8). The first three keys exist without the cpu controller:
 *
 *   usage_usec 126525473
 *   user_usec 82212448
 *   system_usec 44313024
 *   nr_periods 0
 *   ...
 *
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
 */
import type { Buffer } from 'node:buffer';
import type { CpuUsage } from './cpu-usage.ts';
import { forgetCpuUsage } from './cpu-usage.ts';
import { createDecimal } from './decimal.ts';
import { createFlatKey, parseFlatKey } from './flat-keyed.ts';
import type { KernelFile } from './kernel-file.ts';
import type { ParseStatus, QuantityStatus } from './status.ts';

const USAGE_USEC = createFlatKey('usage_usec');
const usec = createDecimal();

/** `usage_usec` only: user and system time are scaled guesses, their sum is not the usage. */
export function parseCpuStat(buffer: Buffer, byteLength: number, into: CpuUsage): ParseStatus {
  forgetCpuUsage(into);
  const status = parseFlatKey(buffer, byteLength, USAGE_USEC, usec);
  if (status !== 'ok') return status;
  const secondsOfRemainder = Math.floor(usec.remainder / 1e6);
  into.usageSeconds = usec.billions * 1000 + secondsOfRemainder;
  into.usageNanoseconds = (usec.remainder - secondsOfRemainder * 1e6) * 1000;
  return 'ok';
}

export function readCpuStat(file: KernelFile, into: CpuUsage): QuantityStatus {
  const outcome = file.read();
  if (typeof outcome === 'number') return parseCpuStat(file.buffer, outcome, into);
  forgetCpuUsage(into);
  return outcome;
}
