import { readFileSync, type Stats, statSync } from 'node:fs';

/** What is known of a cgroup's directory; undefined when it is gone or may not be looked at. */
export function cgroupDirectory(hierarchy: string, path: string): Stats | undefined {
  try {
    return statSync(`${hierarchy}${path}`, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * When a cgroup was made, wall clock: the modification time of its directory, which no later writing changes. The kernel
 * sets it when the directory is first looked at, which the container runtime does at once; it may be later where the
 * kernel has dropped the inode since. Undefined when the cgroup is gone.
 */
export function cgroupMadeAtMs(hierarchy: string, path: string): number | undefined {
  return cgroupDirectory(hierarchy, path)?.mtimeMs;
}

/** Counts up from one cgroup of a hierarchy to the next that is made. Undefined when the cgroup is gone. */
export function cgroupInode(hierarchy: string, path: string): number | undefined {
  return cgroupDirectory(hierarchy, path)?.ino;
}

/**
 * True only for a cgroup that certainly holds no process, itself or below. v2 says so in `cgroup.events`. v1 does not,
 * and its list of processes leaves out those of other PID namespaces; but a process always has memory charged to it. So
 * do cgroups below it, and what the page cache keeps of a process that has ended: then it does not pass for empty.
 */
export function isEmptyCgroup(hierarchy: string, path: string): boolean {
  const events = readOrUndefined(`${hierarchy}${path}/cgroup.events`);
  if (events !== undefined) return /^populated 0$/m.test(events);
  return readOrUndefined(`${hierarchy}${path}/memory.usage_in_bytes`)?.trim() === '0';
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
