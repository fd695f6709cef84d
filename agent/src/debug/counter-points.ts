import type { Reading } from '../usage/reading-history.ts';

/** One reading as JSON. A number that was not known at that instant is left out; zero is a number. */
export interface CounterPoint {
  /** RFC 3339 with ms, the node's wall clock. */
  readonly at: string;
  /**
   * Cumulative CPU time in µs with up to three decimals. Whole µs are exact below 2^53; decimals, which only cgroup v1
   * has, below 2^43 (101 days of CPU time).
   */
  cpuUsageUsec?: number;
  memoryWorkingSetBytes?: number;
  swapBytes?: number;
}

/** The monotonic and the wall clock, read together. */
export interface ClockPair {
  readonly monotonicUsec: number;
  readonly wallMs: number;
}

/** A wall-clock time as RFC 3339 with ms. */
export function rfc3339(wallMs: number): string {
  return new Date(Math.round(wallMs)).toISOString();
}

/** Readings with their times on the wall clock as it is now: a step that it made meanwhile moves all of them. */
export function counterPoints(
  readings: readonly Reading[],
  { monotonicUsec, wallMs }: ClockPair,
): CounterPoint[] {
  return readings.map((reading) => {
    const { sampledAtUsec, workingSetBytes, swapBytes } = reading;
    const point: CounterPoint = { at: rfc3339(wallMs - (monotonicUsec - sampledAtUsec) / 1000) };
    const cpuUsec = cpuUsageUsec(reading);
    if (!Number.isNaN(cpuUsec)) point.cpuUsageUsec = cpuUsec;
    if (!Number.isNaN(workingSetBytes)) point.memoryWorkingSetBytes = workingSetBytes;
    if (!Number.isNaN(swapBytes)) point.swapBytes = swapBytes;
    return point;
  });
}

/** One division of an exact integer, as long as there is one, so that 0.1 µs is not shown as 0.09999. */
function cpuUsageUsec({ usageSeconds, usageNanoseconds }: Reading): number {
  const nsec = usageSeconds * 1e9 + usageNanoseconds;
  return nsec <= Number.MAX_SAFE_INTEGER ? nsec / 1000 : usageSeconds * 1e6 + usageNanoseconds / 1000;
}
