import { type Dirent, readdirSync, statSync } from 'node:fs';
import { containerId, isKubepodsRoot, isQosDirectory, podUid } from './cgroup-name.ts';

/** One container's cgroup, its path relative to the hierarchy's root. */
export interface ContainerCgroup {
  readonly path: string;
  readonly podUid: string;
  readonly containerId: string;
}

/** How deep below the hierarchy's root a kubepods directory is looked for. */
const searchDepth = 3;

/**
 * Paths of all kubepods directories, breadth first, relative to the hierarchy's root.
 * Never looks inside a service, a mount or a container: a nested cluster's pods are its own agent's.
 */
export function findKubepodsRoots(hierarchy: string): string[] {
  const found: string[] = [];
  let level = [''];
  for (let depth = 0; depth < searchDepth && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const parent of level) {
      for (const name of childDirectories(`${hierarchy}${parent}`)) {
        if (isKubepodsRoot(name)) found.push(`${parent}/${name}`);
        else if (!/\.(?:scope|mount|service)$|[0-9a-f]{64}/.test(name)) next.push(`${parent}/${name}`);
      }
    }
    level = next;
  }
  return found;
}

/**
 * The containers below a kubepods directory, two levels below its pods' parents and never deeper: what lies in a
 * container's own cgroup (systemd in a container, a nested cluster) is already counted in the container.
 */
export function listContainerCgroups(hierarchy: string, kubepods: string): ContainerCgroup[] {
  const containers: ContainerCgroup[] = [];
  const visitPod = (path: string, name: string, uid: string): void => {
    for (const child of childDirectories(`${hierarchy}${path}`)) {
      const id = containerId(child, name);
      if (id !== undefined) containers.push({ path: `${path}/${child}`, podUid: uid, containerId: id });
    }
  };
  const visit = (parent: string, mayHoldQos: boolean): void => {
    for (const name of childDirectories(`${hierarchy}${parent}`)) {
      const path = `${parent}/${name}`;
      if (mayHoldQos && isQosDirectory(name)) {
        visit(path, false);
        continue;
      }
      const uid = podUid(name);
      if (uid !== undefined) visitPod(path, name, uid);
    }
  };
  visit(kubepods, true);
  return containers;
}

/**
 * When a cgroup was made, wall clock: the modification time of its directory, which no later writing changes. The kernel
 * sets it when the directory is first looked at, which the container runtime does at once; it may be later where the
 * kernel has dropped the inode since. Undefined when the cgroup is gone.
 */
export function cgroupMadeAtMs(hierarchy: string, path: string): number | undefined {
  return statSync(`${hierarchy}${path}`, { throwIfNoEntry: false })?.mtimeMs;
}

/** Names of the directories in a cgroup; none when it has vanished meanwhile or may not be listed. */
function childDirectories(directory: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
  const names: string[] = [];
  for (const entry of entries) if (entry.isDirectory()) names.push(entry.name);
  return names;
}
