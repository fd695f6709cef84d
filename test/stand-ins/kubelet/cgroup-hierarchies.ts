import { readFileSync, realpathSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

// linux/magic.h
const CGROUP2_SUPER_MAGIC = 0x63677270;
const CGROUP_SUPER_MAGIC = 0x0027e0eb;

/** Directories of the hierarchies' roots; on v2 all three are the same. */
export interface CgroupHierarchies {
  readonly version: 1 | 2;
  readonly memory: string;
  readonly cpu: string;
  readonly cpuacct: string;
}

/** What is mounted at a cgroup root such as /sys/fs/cgroup, or a part of a sentence that says what is missing there. */
export function findHierarchies(
  cgroupRoot: string,
  magicOf: (path: string) => number = (path) => statfsSync(path).type,
): CgroupHierarchies | string {
  const magic = magicAt(cgroupRoot, magicOf);
  if (magic === CGROUP2_SUPER_MAGIC) {
    return { version: 2, memory: cgroupRoot, cpu: cgroupRoot, cpuacct: cgroupRoot };
  }
  const found: Record<string, string> = {};
  for (const controller of ['memory', 'cpu', 'cpuacct']) {
    const directory = join(cgroupRoot, controller);
    if (magicAt(directory, magicOf) !== CGROUP_SUPER_MAGIC) {
      return `${cgroupRoot} is not a cgroup v2 tree and ${directory} is not a cgroup v1 hierarchy`;
    }
    // cpu and cpuacct may be two links to one hierarchy.
    found[controller] = realpathSync(directory);
  }
  const { memory = '', cpu = '', cpuacct = '' } = found;
  return { version: 1, memory, cpu, cpuacct };
}

function magicAt(path: string, magicOf: (path: string) => number): number | undefined {
  try {
    return magicOf(path);
  } catch {
    return undefined;
  }
}

/** The v2 line of proc_pid_cgroup(5), `0::/path`; '/' when there is none. */
export function parseOwnCgroupPath(text: string): string {
  return /^0::(\/.*)$/m.exec(text)?.[1] ?? '/';
}

/**
 * Where a v2 subtree may be made, best first: the root, then this process's own cgroup and the ones above it from the
 * top down. An ordinary user's topmost writable one is what was delegated; it holds no processes itself, which
 * enabling controllers below it requires.
 */
export function candidateParents(ownPath: string): readonly string[] {
  const parts = ownPath.split('/').filter((part) => part !== '');
  return ['', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
}

export function readOwnCgroupPath(): string {
  return parseOwnCgroupPath(readFileSync('/proc/self/cgroup', 'utf8'));
}
