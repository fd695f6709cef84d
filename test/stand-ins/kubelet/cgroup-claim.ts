import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { candidateParents, findHierarchies, readOwnCgroupPath } from './cgroup-hierarchies.ts';

/** A cgroup of our own in each hierarchy that counts, at the same path below each root. */
export interface ClaimedCgroup {
  readonly kind: 'claimed';
  readonly version: 1 | 2;
  /** Relative to the root of each hierarchy, such as `/tacho-12-0123abcd`. */
  readonly path: string;
  readonly memoryRoot: string;
  readonly cpuRoot: string;
  /** The roots, each once. */
  readonly roots: readonly string[];
}

export interface ClaimRefused {
  readonly kind: 'refused';
  /** One sentence: what was tried, as whom, and what would help. */
  readonly reason: string;
}

/** Controllers that the children of a v2 cgroup get. */
export function enableControllers(directory: string): void {
  const file = `${directory}/cgroup.subtree_control`;
  const enabled = readFileSync(file, 'latin1').trim().split(' ');
  const missing = ['cpu', 'memory'].filter((controller) => !enabled.includes(controller));
  if (missing.length > 0) writeFileSync(file, missing.map((controller) => `+${controller}`).join(' '));
}

/** Makes the cgroup `name`, or says why that is not possible here. Leaves nothing behind when refused. */
export function claimCgroup(name: string, cgroupRoot: string): ClaimedCgroup | ClaimRefused {
  const hierarchies = findHierarchies(cgroupRoot);
  if (typeof hierarchies === 'string') return refused([hierarchies]);
  const { version, memory, cpu, cpuacct } = hierarchies;
  const roots = [...new Set([memory, cpu, cpuacct])];
  const tried: string[] = [];
  for (const parent of version === 1 ? [''] : candidateParents(readOwnCgroupPath())) {
    const path = `${parent}/${name}`;
    const failure = tryToMake(roots, parent, path, version);
    if (failure === undefined) {
      return { kind: 'claimed', version, path, memoryRoot: memory, cpuRoot: cpu, roots };
    }
    tried.push(failure);
  }
  return refused(tried);
}

function tryToMake(
  roots: readonly string[],
  parent: string,
  path: string,
  version: 1 | 2,
): string | undefined {
  try {
    for (const root of roots) {
      mkdirSync(root + path);
      if (version === 2) {
        enableControllers(root + parent);
        enableControllers(root + path);
      }
    }
    return undefined;
  } catch (error) {
    for (const root of roots) if (existsSync(root + path)) rmdirSync(root + path);
    if (!isRefusal(error)) throw error;
    return error.message;
  }
}

/** What a kernel answers who may not; anything else is a defect, and must not look like a lack of rights. */
function isRefusal(error: unknown): error is NodeJS.ErrnoException {
  const { code } = error as NodeJS.ErrnoException;
  return (
    error instanceof Error && ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EBUSY', 'EINVAL'].includes(code ?? '')
  );
}

function refused(tried: readonly string[]): ClaimRefused {
  const { uid } = userInfo();
  const reason =
    `cgroups cannot be made by uid ${uid}: ${tried.join('; ')}; ` +
    'run as root, or in a cgroup v2 subtree delegated to this user with the controllers cpu and memory';
  return { kind: 'refused', reason };
}
