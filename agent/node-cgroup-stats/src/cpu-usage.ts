/**
 * A cumulative CPU time, held like the kernel's timespec: whole seconds, and the nanoseconds (0 … 999 999 999) of the
 * next one. Both are NaN while the counter is not known. Exact for every counter that fits in 64 bits.
 */
export interface CpuUsage {
  usageSeconds: number;
  usageNanoseconds: number;
}

export function createCpuUsage(): CpuUsage {
  return { usageSeconds: Number.NaN, usageNanoseconds: Number.NaN };
}

export function forgetCpuUsage(usage: CpuUsage): void {
  usage.usageSeconds = Number.NaN;
  usage.usageNanoseconds = Number.NaN;
}

/**
 * CPU time used between two readings, in nanoseconds: exact below 2⁵³ (104 days of CPU time). Negative when the counter
 * went back, NaN when one of the two is not known.
 */
export function elapsedNanoseconds(from: Readonly<CpuUsage>, to: Readonly<CpuUsage>): number {
  return (to.usageSeconds - from.usageSeconds) * 1e9 + (to.usageNanoseconds - from.usageNanoseconds);
}
