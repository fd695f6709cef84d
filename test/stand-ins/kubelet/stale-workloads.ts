import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candidateParents, findHierarchies, readOwnCgroupPath } from './cgroup-hierarchies.ts';
import { removeCgroups } from './cgroup-tree.ts';
import { runOwnerPid } from './run-name.ts';

/** Folders that a run may put files into: the second for files that a tmpfs at the first cannot hold. */
export function temporaryFolders(tempDir: string = tmpdir()): readonly string[] {
  return [...new Set([tempDir, '/var/tmp'])];
}

/**
 * Removes the cgroups and folders of runs whose owner was killed. Returns their paths. Runs of living owners and what
 * this user may not remove stay.
 */
export async function removeStale(
  cgroupRoot = '/sys/fs/cgroup',
  tempDir?: string,
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const parent of cgroupParents(cgroupRoot)) {
    for (const path of staleIn(parent)) {
      await removeCgroups([path]).then(
        () => removed.push(path),
        () => undefined,
      );
    }
  }
  for (const path of temporaryFolders(tempDir).flatMap(staleIn)) {
    try {
      rmSync(path, { recursive: true });
      removed.push(path);
    } catch {
      // Another user's.
    }
  }
  return removed;
}

function cgroupParents(cgroupRoot: string): readonly string[] {
  const hierarchies = findHierarchies(cgroupRoot);
  if (typeof hierarchies === 'string') return [];
  const { version, memory, cpu, cpuacct } = hierarchies;
  if (version === 2) return candidateParents(readOwnCgroupPath()).map((parent) => cgroupRoot + parent);
  return [...new Set([memory, cpu, cpuacct])];
}

function staleIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => {
      const pid = runOwnerPid(name);
      return pid !== undefined && !existsSync(`/proc/${pid}`);
    })
    .map((name) => join(folder, name));
}
