import type { CpuUsage } from './cpu-usage.ts';
import type { QuantityStatus } from './status.ts';

/**
 * What one cgroup and everything below it uses. Made once and filled by each reading: every number has a status, and a
 * number whose status is not `ok` is NaN.
 */
export interface CgroupUsage extends CpuUsage {
  /** The injected clock, in microseconds, right after the CPU counter was read (the last file of a reading). */
  sampledAtUsec: number;
  /** Of `usageSeconds` and `usageNanoseconds`, the cumulative CPU time. */
  cpuStatus: QuantityStatus;
  memoryUsageStatus: QuantityStatus;
  /** Everything charged, page cache included. */
  memoryUsageBytes: number;
  inactiveFileStatus: QuantityStatus;
  /** Page cache that the kernel would take back first. */
  inactiveFileBytes: number;
  workingSetStatus: QuantityStatus;
  /** memoryUsageBytes − inactiveFileBytes, at least 0. */
  workingSetBytes: number;
  swapStatus: QuantityStatus;
  swapBytes: number;
}

export function createCgroupUsage(): CgroupUsage {
  return {
    sampledAtUsec: Number.NaN,
    cpuStatus: 'absent',
    usageSeconds: Number.NaN,
    usageNanoseconds: Number.NaN,
    memoryUsageStatus: 'absent',
    memoryUsageBytes: Number.NaN,
    inactiveFileStatus: 'absent',
    inactiveFileBytes: Number.NaN,
    workingSetStatus: 'absent',
    workingSetBytes: Number.NaN,
    swapStatus: 'absent',
    swapBytes: Number.NaN,
  };
}

/** The record of a cgroup that was removed. */
export function setGone(into: CgroupUsage, sampledAtUsec: number): void {
  into.sampledAtUsec = sampledAtUsec;
  into.cpuStatus = 'gone';
  into.usageSeconds = Number.NaN;
  into.usageNanoseconds = Number.NaN;
  setMemoryUsage(into, 'gone', Number.NaN);
  setInactiveFile(into, 'gone', Number.NaN);
  into.workingSetStatus = 'gone';
  into.workingSetBytes = Number.NaN;
  setSwap(into, 'gone', Number.NaN);
}

export function setMemoryUsage(into: CgroupUsage, status: QuantityStatus, bytes: number): void {
  into.memoryUsageStatus = status;
  into.memoryUsageBytes = bytes;
}

export function setInactiveFile(into: CgroupUsage, status: QuantityStatus, bytes: number): void {
  into.inactiveFileStatus = status;
  into.inactiveFileBytes = bytes;
}

export function setSwap(into: CgroupUsage, status: QuantityStatus, bytes: number): void {
  into.swapStatus = status;
  into.swapBytes = bytes;
}
