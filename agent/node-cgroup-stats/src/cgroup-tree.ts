import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import type { Cgroup, CgroupDeps } from './cgroup.ts';
import { CgroupV1 } from './cgroup-v1.ts';
import { CgroupV2 } from './cgroup-v2.ts';
import type { FileCalls } from './file-calls.ts';
import { hostFileCalls } from './file-calls.ts';
import type { SupportedLayout } from './layout.ts';
import type { RootMemorySource } from './root-cgroup-v2.ts';
import { RootCgroupV2 } from './root-cgroup-v2.ts';

export interface CgroupTreeDeps {
  /** A clock that never steps, in microseconds; by default `performance.now()` × 1000. */
  monotonicUsec?: () => number;
  calls?: FileCalls;
}

export interface CgroupTreeOptions {
  /** Where procfs is mounted, for /proc/meminfo; by default `/proc`. */
  procDirectory?: string;
  /** For a real v2 root only; by default `stat`. */
  rootMemorySource?: RootMemorySource;
}

/** Opens the cgroups of one layout. They share one buffer, so they belong to one thread. */
export interface CgroupTree {
  /**
   * A cgroup by its path relative to the hierarchies' roots, say `user.slice/user-1000.slice`. Opens no file yet: a
   * cgroup that does not exist answers `gone` at its first reading.
   * @throws RangeError for a path with a `..` in it.
   */
  open(path: string): Cgroup;
  /** The root: the whole machine, or the whole of a cgroup namespace. */
  openRoot(): Cgroup;
}

/** The longest file read, v1 memory.stat on a machine with many features, stays below 8 KiB. */
const BUFFER_BYTES = 64 * 1024;

export function createCgroupTree(
  layout: SupportedLayout,
  deps: CgroupTreeDeps = {},
  options: CgroupTreeOptions = {},
): CgroupTree {
  const cgroupDeps: CgroupDeps = {
    monotonicUsec: deps.monotonicUsec ?? (() => performance.now() * 1000),
    buffer: Buffer.alloc(BUFFER_BYTES),
    calls: deps.calls ?? hostFileCalls,
  };
  const openPath = (path: string): Cgroup =>
    layout.mode === 'v2'
      ? new CgroupV2(cgroupDeps, layout.directory, path)
      : new CgroupV1(cgroupDeps, layout.memoryDirectory, layout.cpuacctDirectory, path);

  return {
    open(path) {
      if (path.split('/').includes('..')) {
        throw new RangeError(
          `Cannot open a cgroup: expected a path below the root without "..", found "${path}"`,
        );
      }
      return openPath(path);
    },
    openRoot() {
      // Only the real v2 root has no memory.current; the root of a cgroup namespace is a cgroup like any other.
      if (layout.mode !== 'v2' || isThere(cgroupDeps.calls, join(layout.directory, 'memory.current'))) {
        return openPath('');
      }
      return new RootCgroupV2(
        cgroupDeps,
        layout.directory,
        options.procDirectory ?? '/proc',
        options.rootMemorySource ?? 'stat',
      );
    },
  };
}

function isThere(calls: FileCalls, path: string): boolean {
  try {
    return calls.exists(path);
  } catch {
    // It cannot be looked at, so it is there: the readings will say why it cannot be read.
    return true;
  }
}
