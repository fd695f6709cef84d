import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { kill } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { type ClaimedCgroup, enableControllers } from './cgroup-claim.ts';
import type { ContainerLimits } from './pod-spec.ts';

const CFS_PERIOD_USEC = 100_000;
const REMOVE_RETRY_MS = 20;
const REMOVE_ATTEMPTS = 500;

/** cgroups below a claimed one. A path is relative to the hierarchies' roots and means the same in all of them. */
export interface CgroupTree {
  readonly path: string;
  /** Makes a cgroup for further cgroups ('inner') or for processes ('leaf'): on v2 one cannot be both. */
  make(path: string, kind: 'inner' | 'leaf'): void;
  limit(path: string, limits: ContainerLimits): void;
  /** The files that a process writes its pid to in order to join. */
  procsFiles(path: string): readonly string[];
  /** Kills every process inside and removes the cgroup with all below it. Nothing there is fine. */
  remove(path: string): Promise<void>;
}

export function createCgroupTree({ version, path, roots, memoryRoot, cpuRoot }: ClaimedCgroup): CgroupTree {
  return {
    path,
    make(child, kind) {
      for (const root of roots) {
        mkdirSync(root + child);
        if (version === 2 && kind === 'inner') enableControllers(root + child);
      }
    },
    limit(child, { cpuMillicores, memoryBytes }) {
      if (cpuMillicores !== undefined) {
        const quotaUsec = (cpuMillicores * CFS_PERIOD_USEC) / 1000;
        if (version === 2) {
          writeFileSync(`${cpuRoot}${child}/cpu.max`, `${quotaUsec} ${CFS_PERIOD_USEC}`);
        } else {
          writeFileSync(`${cpuRoot}${child}/cpu.cfs_period_us`, `${CFS_PERIOD_USEC}`);
          writeFileSync(`${cpuRoot}${child}/cpu.cfs_quota_us`, `${quotaUsec}`);
        }
      }
      if (memoryBytes !== undefined) {
        const file = version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
        writeFileSync(`${memoryRoot}${child}/${file}`, `${memoryBytes}`);
      }
    },
    procsFiles: (child) => roots.map((root) => `${root}${child}/cgroup.procs`),
    remove: (child) => removeCgroups(roots.map((root) => root + child)),
  };
}

/**
 * Removes cgroup directories with all below them after killing what runs there. A killed process leaves its cgroup only
 * once it is reaped by its parent, so EBUSY is expected for a while.
 */
export async function removeCgroups(directories: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    // Anew each time: whoever makes cgroups here may not have noticed yet that it should stop.
    const below = directories.flatMap(depthFirst);
    for (const directory of below) killProcessesIn(directory);
    const busy = below.filter((directory) => !tryRmdir(directory));
    if (busy.length === 0) return;
    if (attempt === REMOVE_ATTEMPTS) throw new Error(`removing cgroups: still in use: ${busy.join(', ')}`);
    await delay(REMOVE_RETRY_MS);
  }
}

function depthFirst(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap(({ name }) => depthFirst(`${directory}/${name}`)), directory];
}

function tryRmdir(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'EBUSY') return false;
    throw error;
  }
}

/**
 * v1 lists a process for up to a second after it is gone, and lists processes of other PID namespaces as 0. So each pid
 * is asked for its cgroup first: a number that was taken over meanwhile must not be killed.
 */
function killProcessesIn(directory: string): void {
  for (const line of linesOf(`${directory}/cgroup.procs`)) {
    const pid = Number(line);
    if (!(pid > 1)) continue;
    if (!linesOf(`/proc/${pid}/cgroup`).some((own) => directory.endsWith(own.replace(/^\d+:[^:]*:/, '')))) {
      continue;
    }
    try {
      kill(pid, 'SIGKILL');
    } catch {
      // Ended in between.
    }
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'latin1')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}
