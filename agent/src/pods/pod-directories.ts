import { containerId, isQosDirectory, kataSandboxId, podUid } from './cgroup-name.ts';
import { listAnewEvery } from './child-directories.ts';
import { KnownDirectories } from './known-directories.ts';
import type { ContainerCgroup, PodDirectory } from './kubepods-tree.ts';
import { isSameList } from './same-list.ts';

/** By path. */
type KnownPods = Map<string, { readonly names: readonly string[]; readonly pod: PodDirectory }>;

/**
 * The pods below kubepods directories with their containers, and never deeper: what lies in a container's own cgroup
 * (systemd in a container, a nested cluster, crun's `container`) is already counted in the container.
 */
export class PodDirectories {
  readonly #directories: KnownDirectories;
  /** Of a pod whose directory has not changed the same object comes out. */
  readonly #pods: KnownPods = new Map();
  #roots: readonly string[] = [];
  #listed: readonly PodDirectory[] = [];
  #looks = 0;

  /** @param hierarchy directory of the hierarchy that is listed */
  constructor(hierarchy: string) {
    this.#directories = new KnownDirectories(hierarchy);
  }

  /**
   * @param roots paths of kubepods directories
   * @param mayHaveMissed whether those that are new among them may have been there before
   * @returns the same array while nothing has changed
   */
  list(roots: readonly string[], mayHaveMissed = false): readonly PodDirectory[] {
    if (this.#looks % listAnewEvery === 0) this.#directories.forgetAll();
    this.#looks += 1;
    const before = this.#roots;
    this.#roots = roots;
    // While there is none they are looked for at each look, and a second one only now and then.
    const isLate = (root: string) => (mayHaveMissed || before.length > 0) && !before.includes(root);
    const pods = roots.flatMap((root) => this.#below(root, true, isLate(root)));
    this.#directories.forgetOthers();
    if (isSameList(pods, this.#listed)) return this.#listed;
    this.#listed = pods;
    const there = new Set(pods.map(({ path }) => path));
    for (const path of this.#pods.keys()) if (!there.has(path)) this.#pods.delete(path);
    return pods;
  }

  /** Says that a container's cgroup was removed: another one may have taken its place, which no number of links tells. */
  gone({ path }: Pick<ContainerCgroup, 'path'>): void {
    this.#directories.forget(path.slice(0, path.lastIndexOf('/')));
  }

  #below(parent: string, mayHoldQos: boolean, isLate: boolean): PodDirectory[] {
    const found = this.#visit(parent, mayHoldQos, isLate);
    if (!found.hasVanished) return found.pods;
    // A pod that was there is not any more, so another one may be, with the number of links the same.
    this.#directories.forget(parent);
    return this.#visit(parent, mayHoldQos, isLate).pods;
  }

  #visit(parent: string, mayHoldQos: boolean, isLateAbove: boolean) {
    const pods: PodDirectory[] = [];
    let hasVanished = false;
    const children = this.#directories.children(parent) ?? [];
    const isLate = isLateAbove || this.#directories.isLate(parent);
    for (const name of children) {
      const path = `${parent}/${name}`;
      if (mayHoldQos && isQosDirectory(name)) {
        pods.push(...this.#below(path, false, isLate));
        continue;
      }
      const uid = podUid(name);
      if (uid === undefined) continue;
      const names = this.#directories.children(path);
      if (names === undefined) hasVanished = true;
      else pods.push(this.#pod(path, names, isLate, { name, uid }));
    }
    return { pods, hasVanished };
  }

  /** @param isLate whether a pod that was not known may have been there for some looks */
  #pod(
    path: string,
    names: readonly string[],
    isLate: boolean,
    of: { name: string; uid: string },
  ): PodDirectory {
    const known = this.#pods.get(path);
    if (known?.names === names) return known.pod;
    const late = known === undefined ? isLate : this.#directories.isLate(path);
    const pod = readPod(path, of.name, of.uid, names, late);
    this.#pods.set(path, { names, pod });
    return pod;
  }
}

function readPod(
  path: string,
  name: string,
  uid: string,
  children: readonly string[],
  isLate: boolean,
): PodDirectory {
  const containers: ContainerCgroup[] = [];
  const kataSandboxes: string[] = [];
  const late = isLate ? { foundLate: true as const } : {};
  for (const child of children) {
    const id = containerId(child, name);
    if (id !== undefined)
      containers.push({ path: `${path}/${child}`, podUid: uid, containerId: id, ...late });
    else if (kataSandboxId(child) !== undefined) kataSandboxes.push(`${path}/${child}`);
  }
  return { path, podUid: uid, containers, kataSandboxes };
}
