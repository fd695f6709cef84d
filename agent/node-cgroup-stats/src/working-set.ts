import type { CgroupUsage } from './cgroup-usage.ts';
import type { QuantityStatus } from './status.ts';

/**
 * The working set from what is already in the record. `statFileStatus` is that of memory.stat as a whole: a whole text
 * without the key means that nothing is to be subtracted, a file that could not be read means that nobody knows.
 */
export function setWorkingSet(into: CgroupUsage, statFileStatus: QuantityStatus): void {
  into.workingSetBytes = Number.NaN;
  if (into.memoryUsageStatus !== 'ok') {
    into.workingSetStatus = into.memoryUsageStatus;
  } else if (into.inactiveFileStatus === 'ok') {
    into.workingSetStatus = 'ok';
    into.workingSetBytes = Math.max(0, into.memoryUsageBytes - into.inactiveFileBytes);
  } else if (statFileStatus === 'ok' && into.inactiveFileStatus === 'absent') {
    into.workingSetStatus = 'ok';
    into.workingSetBytes = into.memoryUsageBytes;
  } else {
    into.workingSetStatus = into.inactiveFileStatus;
  }
}
