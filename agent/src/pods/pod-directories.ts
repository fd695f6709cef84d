import { containerId, isQosDirectory, kataSandboxId, podUid } from './cgroup-name.ts';
import { KnownDirectories } from './known-directories.ts';
import type { ContainerCgroup, PodDirectory } from './kubepods-tree.ts';

/** By path. */
type KnownPods = Map<string, { readonly names: readonly string[]; readonly pod: PodDirectory }>;

/** So often everything is listed anew, for what the numbers of links do not tell. */
export const listAnewEvery = 12;

/**
 * The pods below kubepods directories with their containers, and never deeper: what lies in a container's own cgroup
 * (systemd in a container, a nested cluster, crun's `container`) is already counted in the container.
 */
export class PodDirectories {
  readonly #directories: KnownDirectories;
  /** Of a pod whose directory has not changed the same object comes out. */
  readonly #pods: KnownPods = new Map();
  #listed: readonly PodDirectory[] = [];
  #looks = 0;

  /** @param hierarchy directory of the hierarchy that is listed */
  constructor(hierarchy: string) {
    this.#directories = new KnownDirectories(hierarchy);
  }

  /** @param roots paths of kubepods directories. @returns the same array while nothing has changed */
  list(roots: readonly string[]): readonly PodDirectory[] {
    if (this.#looks % listAnewEvery === 0) this.#directories.forgetAll();
    this.#looks += 1;
    const pods = roots.flatMap((root) => this.#below(root, true));
    this.#directories.forgetOthers();
    if (isSame(pods, this.#listed)) return this.#listed;
    this.#listed = pods;
    const there = new Set(pods.map(({ path }) => path));
    for (const path of this.#pods.keys()) if (!there.has(path)) this.#pods.delete(path);
    return pods;
  }

  /** Says that a container's cgroup was removed: another one may have taken its place, which no number of links tells. */
  gone({ path }: Pick<ContainerCgroup, 'path'>): void {
    this.#directories.forget(path.slice(0, path.lastIndexOf('/')));
  }

  #below(parent: string, mayHoldQos: boolean): PodDirectory[] {
    const found = this.#visit(parent, mayHoldQos);
    if (!found.hasVanished) return found.pods;
    // A pod that was there is not any more, so another one may be, with the number of links the same.
    this.#directories.forget(parent);
    return this.#visit(parent, mayHoldQos).pods;
  }

  #visit(parent: string, mayHoldQos: boolean) {
    const pods: PodDirectory[] = [];
    let hasVanished = false;
    for (const name of this.#directories.children(parent) ?? []) {
      const path = `${parent}/${name}`;
      if (mayHoldQos && isQosDirectory(name)) {
        pods.push(...this.#below(path, false));
        continue;
      }
      const uid = podUid(name);
      if (uid === undefined) continue;
      const names = this.#directories.children(path);
      if (names === undefined) hasVanished = true;
      else pods.push(this.#pod(path, name, uid, names));
    }
    return { pods, hasVanished };
  }

  #pod(path: string, name: string, uid: string, names: readonly string[]): PodDirectory {
    const known = this.#pods.get(path);
    if (known?.names === names) return known.pod;
    const pod = readPod(path, name, uid, names);
    this.#pods.set(path, { names, pod });
    return pod;
  }
}

function isSame(pods: readonly PodDirectory[], others: readonly PodDirectory[]): boolean {
  return pods.length === others.length && pods.every((pod, index) => pod === others[index]);
}

function readPod(path: string, name: string, uid: string, children: readonly string[]): PodDirectory {
  const containers: ContainerCgroup[] = [];
  const kataSandboxes: string[] = [];
  for (const child of children) {
    const id = containerId(child, name);
    if (id !== undefined) containers.push({ path: `${path}/${child}`, podUid: uid, containerId: id });
    else if (kataSandboxId(child) !== undefined) kataSandboxes.push(`${path}/${child}`);
  }
  return { path, podUid: uid, containers, kataSandboxes };
}
