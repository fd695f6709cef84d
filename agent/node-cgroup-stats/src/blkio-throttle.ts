/*
 * blkio.throttle.io_service_bytes_recursive and blkio.throttle.io_serviced_recursive of cgroup v1: bytes and operations of
 * each block device, the cgroups below included. There is at least the last line.
 *
 *   8:0 Read 90112
 *   8:0 Write 4096
 *   8:0 Sync 94208
 *   8:0 Async 0
 *   8:0 Discard 0
 *   8:0 Total 94208
 *   Total 94208
 *
 * https://docs.kernel.org/admin-guide/cgroup-v1/blkio-controller.html
 */
import { malformed, numberFromDigits, type Parser, wholeText } from './parsed.ts';
import type { IoDevice } from './signal.ts';

/** Of one device, in the unit of the file. */
export interface ReadsAndWrites {
  read: number;
  write: number;
}

const linePattern = /^(?:(\d{1,10}:\d{1,10}) ([A-Z][a-z]+)|Total) (\d+)$/;

/** By `major:minor`. One line that is not what the kernel writes makes the text malformed. */
export const parseBlkioThrottle: Parser<ReadonlyMap<string, Readonly<ReadsAndWrites>>> = (
  buffer,
  byteLength,
) => {
  const text = wholeText(buffer, byteLength);
  if (text === undefined) return malformed;
  const devices = new Map<string, ReadsAndWrites>();
  for (const line of text.slice(0, -1).split('\n')) {
    const matched = linePattern.exec(line);
    const value = numberFromDigits(matched?.[3]);
    if (matched === null || value === undefined) return malformed;
    const [, device, kind] = matched;
    if (device === undefined || (kind !== 'Read' && kind !== 'Write')) continue;
    const counted = devices.get(device) ?? { read: 0, write: 0 };
    devices.set(device, counted);
    if (kind === 'Read') counted.read = value;
    else counted.write = value;
  }
  return { status: 'ok', value: devices };
};

/** The two files as one list, like io.stat of v2. A device that only one of them has did nothing of the other kind. */
export function joinBlkio(
  bytes: ReadonlyMap<string, Readonly<ReadsAndWrites>>,
  operations: ReadonlyMap<string, Readonly<ReadsAndWrites>>,
): readonly IoDevice[] {
  const names = new Set([...bytes.keys(), ...operations.keys()]);
  return Array.from(names, (device) => ({
    device,
    readBytes: bytes.get(device)?.read ?? 0,
    writtenBytes: bytes.get(device)?.write ?? 0,
    reads: operations.get(device)?.read ?? 0,
    writes: operations.get(device)?.write ?? 0,
  }));
}
