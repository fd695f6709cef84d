import { isKubepodsRoot } from './cgroup-name.ts';
import { childDirectories } from './child-directories.ts';

/** One container's cgroup, its path relative to the hierarchy's root. */
export interface ContainerCgroup {
  readonly path: string;
  /** Undefined where the path does not say it: a kubelet with `cgroups-per-qos=false` makes no cgroups of pods. */
  readonly podUid: string | undefined;
  readonly containerId: string;
  /** It may have been there for some looks before it was found. */
  readonly foundLate?: true;
}

/** A pod's own cgroup and what lies directly in it. */
export interface PodDirectory {
  readonly path: string;
  readonly podUid: string;
  /** The sandbox among them: its name is like a container's. */
  readonly containers: readonly ContainerCgroup[];
  /** Paths of kata's virtual machines: the containers inside have no cgroups on this node. */
  readonly kataSandboxes: readonly string[];
}

/** How deep below the hierarchy's root a kubepods directory is looked for. */
export const searchDepth = 3;

/**
 * Paths of all kubepods directories, breadth first, relative to the hierarchy's root.
 * Never looks inside a service, a mount or a container: a nested cluster's pods are its own agent's.
 * @param refused told where a directory could not be listed just now
 */
export function findKubepodsRoots(hierarchy: string, refused?: () => void): string[] {
  const found: string[] = [];
  let level = [''];
  for (let depth = 0; depth < searchDepth && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const parent of level) {
      for (const name of childDirectories(`${hierarchy}${parent}`, refused)) {
        if (isKubepodsRoot(name)) found.push(`${parent}/${name}`);
        else if (!/\.(?:scope|mount|service)$|[0-9a-f]{64}/.test(name)) next.push(`${parent}/${name}`);
      }
    }
    level = next;
  }
  return found;
}
