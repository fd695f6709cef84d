import { joinBlkio, parseBlkioThrottle } from './blkio-throttle.ts';
import type { IoDevice, Signal } from './signal.ts';
import type { SignalFiles } from './signal-files.ts';
import { blkioThrottling } from './signal-needs.ts';

/** From here on blk-throttle counts nothing before a limit is set on a device (kernel commit a3166c51702b). */
const COUNTS_ONLY_THROTTLED = '6.10';

/**
 * What a v1 cgroup has read and written. No device at all is idleness on older kernels and says nothing on newer ones.
 * @param directory undefined where the hierarchy is not mounted
 */
export function* readBlkio(
  files: SignalFiles,
  directory: string | undefined,
): Generator<undefined, Signal<readonly IoDevice[]>> {
  if (directory === undefined) return { status: 'absent', why: 'the v1 hierarchy of blkio is not mounted' };
  const read = (name: string) =>
    files.signal(files.read(directory, name, blkioThrottling), parseBlkioThrottle);
  const bytes = read('blkio.throttle.io_service_bytes_recursive');
  yield;
  const operations = read('blkio.throttle.io_serviced_recursive');
  yield;
  if (bytes.status !== 'ok') return bytes;
  if (operations.status !== 'ok') return operations;
  const value = joinBlkio(bytes.value, operations.value);
  if (value.length === 0 && files.isKernelSince(COUNTS_ONLY_THROTTLED)) {
    const why = `since kernel ${COUNTS_ONLY_THROTTLED} cgroup v1 counts only on devices for which a limit was set, and there is none: it takes cgroup v2`;
    return { status: 'absent', why };
  }
  return { status: 'ok', value };
}
