/*
 * cpu.max of cgroup v2 (kernel 4.15): quota and period of CFS bandwidth control in µs.
 *
 *   max 100000
 *   25000 100000
 *
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files
 * In v1 the two are files of their own, cpu.cfs_quota_us and cpu.cfs_period_us.
 * https://docs.kernel.org/scheduler/sched-bwc.html
 */
import { malformed, numberFromDigits, type Parsed, type Parser, wholeText } from './parsed.ts';
import type { CpuLimit, Limit } from './signal.ts';

export const parseCpuMax: Parser<CpuLimit> = (buffer, byteLength) => {
  const [, quota, period] = /^(max|\d+) (\d+)\n$/.exec(wholeText(buffer, byteLength) ?? '') ?? [];
  const quotaUsec = quota === 'max' ? quota : numberFromDigits(quota);
  const periodUsec = numberFromDigits(period);
  if (quotaUsec === undefined || periodUsec === undefined) return malformed;
  return cpuLimit(quotaUsec, periodUsec);
};

/** A limit from its two halves. A period of zero, which the kernel refuses, is malformed. */
export function cpuLimit(quotaUsec: Limit, periodUsec: number): Parsed<CpuLimit> {
  if (periodUsec === 0) return malformed;
  const cores = quotaUsec === 'max' ? quotaUsec : quotaUsec / periodUsec;
  return { status: 'ok', value: { quotaUsec, periodUsec, cores } };
}
