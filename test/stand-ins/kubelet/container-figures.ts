import { readFileSync } from 'node:fs';

/** What the kernel says of one cgroup, read with nothing of tacho's own in between. */
export interface CgroupFigures {
  readonly anonymousBytes: number;
  readonly inactiveFileBytes: number;
  /** Usage without inactive_file. */
  readonly workingSetBytes: number;
  readonly cpuUsec: number;
  /** When the CPU counter was read, on this process's monotonic clock. */
  readonly monotonicUsec: number;
}

const V1_CONTROLLERS = ['memory', 'cpu', 'cpuacct'];

/** The directories of one cgroup, one in each hierarchy that the workloads use. */
export function cgroupDirectories(
  version: 1 | 2,
  cgroupPath: string,
  cgroupRoot = '/sys/fs/cgroup',
): readonly string[] {
  const roots = version === 2 ? [cgroupRoot] : V1_CONTROLLERS.map((name) => `${cgroupRoot}/${name}`);
  return roots.map((root) => root + cgroupPath);
}

export function readCgroupFigures(version: 1 | 2, cgroupPath: string): CgroupFigures {
  const [memory = '', , cpuacct = memory] = cgroupDirectories(version, cgroupPath);
  const read = (path: string) => readFileSync(path, 'latin1');
  const stat = read(`${memory}/memory.stat`);
  const inactiveFileBytes = keyed(stat, version === 2 ? 'inactive_file' : 'total_inactive_file');
  const usageBytes = Number(read(`${memory}/${version === 2 ? 'memory.current' : 'memory.usage_in_bytes'}`));
  const cpuUsec =
    version === 2
      ? keyed(read(`${cpuacct}/cpu.stat`), 'usage_usec')
      : Number(read(`${cpuacct}/cpuacct.usage`)) / 1000;
  return {
    anonymousBytes: keyed(stat, version === 2 ? 'anon' : 'total_rss'),
    inactiveFileBytes,
    workingSetBytes: usageBytes - inactiveFileBytes,
    cpuUsec,
    monotonicUsec: performance.now() * 1000,
  };
}

function keyed(text: string, key: string): number {
  const digits = new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1];
  if (digits === undefined)
    throw new Error(`reading ${key}: expected a line of it, found ${JSON.stringify(text)}`);
  return Number(digits);
}
