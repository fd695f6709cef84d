import type { Logger } from 'pino';
import { cgroupInode, cgroupMadeAtMs, isEmptyCgroup } from '../pods/cgroup-directory.ts';
import { listAnewEvery } from '../pods/child-directories.ts';
import { ContainerNames } from '../pods/container-names.ts';
import { KubepodsRoots } from '../pods/kubepods-roots.ts';
import type { ContainerCgroup, PodDirectory } from '../pods/kubepods-tree.ts';
import type { NamedContainer, NameSource } from '../pods/name-source.ts';
import { type NotReported, notReported, type PodName, podNotReported } from '../pods/not-reported.ts';
import { PodDirectories } from '../pods/pod-directories.ts';
import { RememberedContainers } from '../pods/remembered-containers.ts';
import { listMismatchedContainers, listParentlessContainers } from '../pods/stray-containers.ts';
import type { ContainerSource } from './sampler.ts';
import type { StartedContainer } from './seen-container.ts';

/** Where to look on this node. */
export interface NodeDirectories {
  /** Directory of the hierarchy that is listed: the v2 tree, or v1's memory hierarchy. */
  readonly hierarchy: string;
  /** Given paths of kubepods cgroups; empty: look for them. */
  readonly kubepodsPaths: readonly string[];
  readonly containerLogs: string;
}

/** Where a node's facts come from, when not from its log links and its cgroup file system. */
export interface NodeSources {
  readonly names?: NameSource;
  /** Inode number of a cgroup's directory; undefined when it is gone. */
  readonly inode?: (path: string) => number | undefined;
}

/** A pod of which only the whole can be measured: its containers have no processes in cgroups of their own. */
export interface WholePod {
  /** Of the pod's own cgroup. */
  readonly path: string;
  readonly code: 'kata' | 'empty-cgroup';
  /** One of its containers. */
  readonly named: NamedContainer;
}

/** The containers of this node from its cgroup tree, with the names that a source knows. */
export class NodeContainers implements ContainerSource {
  readonly #hierarchy: string;
  readonly #log: Logger;
  readonly #names: NameSource;
  readonly #roots: KubepodsRoots;
  readonly #directories: PodDirectories;
  readonly #parentless = new RememberedContainers();
  readonly #mismatched = new RememberedContainers();
  readonly #inode: (path: string) => number | undefined;
  #kubepods: readonly string[] = [];
  #pods: readonly PodDirectory[] = [];
  #containers: readonly ContainerCgroup[] = [];
  /** Looks since a pod or container came or went. */
  #calmLooks = 0;
  /** Whether they follow from the pods alone. */
  #areFinal = false;
  /** By the pod's UID: containers that were asked for since the last look and whose cgroups are empty. */
  #empty = new Map<string, NamedContainer>();
  /** Since the last look; undefined while nobody has asked. */
  #notReported: readonly NotReported[] | undefined;
  #saidProblem: string | undefined;
  #mostDoubts = 0;

  constructor(
    { hierarchy, kubepodsPaths, containerLogs }: NodeDirectories,
    log: Logger,
    { names, inode }: NodeSources = {},
  ) {
    this.#hierarchy = hierarchy;
    this.#log = log;
    this.#names = names ?? new ContainerNames(containerLogs);
    this.#inode = inode ?? ((path) => cgroupInode(hierarchy, path));
    this.#roots = new KubepodsRoots(hierarchy, kubepodsPaths, log);
    this.#directories = new PodDirectories(hierarchy);
  }

  /** Why nothing can be named at present, in words; undefined when all is well. */
  get problem(): string | undefined {
    return this.#names.problem;
  }

  /** The cgroups in which all pods lie, as of the last look: usually one. */
  get kubepodsRoots(): readonly string[] {
    return this.#kubepods;
  }

  /** The same array while nothing has changed. */
  cgroups(): readonly ContainerCgroup[] {
    const { mayHaveMissed } = this.#roots;
    this.#kubepods = this.#roots.look();
    const before = this.#pods;
    this.#pods = this.#listPods(mayHaveMissed);
    this.#empty = new Map();
    this.#notReported = undefined;
    const strays = this.#strays();
    if (this.#pods !== before || strays.length > 0 || !this.#areFinal) {
      const listed = [...this.#pods.flatMap(({ containers }) => containers), ...strays];
      this.#containers = this.#once(listed);
      this.#areFinal = strays.length === 0 && this.#containers === listed;
    }
    // After the listing: a link is younger than its cgroup.
    this.#names.refresh(this.#containers);
    this.#sayDoubts();
    return this.#containers;
  }

  /** Undefined also for a container whose cgroup is empty: its zeros would be no measurement of it. */
  name({ containerId, path }: ContainerCgroup): StartedContainer | undefined {
    const named = this.#names.get(containerId);
    if (named === undefined) return undefined;
    if (isEmptyCgroup(this.#hierarchy, path)) {
      this.#empty.set(named.podUid, named);
      return undefined;
    }
    // The kubelet makes the link when the runtime has started the container: on a busy node seconds after its cgroup.
    const madeAtMs = cgroupMadeAtMs(this.#hierarchy, path) ?? named.linkedAtMs;
    return { ...named, startedAtMs: Math.min(madeAtMs, named.linkedAtMs) };
  }

  gone(cgroup: ContainerCgroup): void {
    this.#directories.gone(cgroup);
  }

  /** Pods that show up in no report for want of containers to be measured, as of the last look and the names asked for since. */
  wholePods(): readonly WholePod[] {
    const isVirtual = ({ kataSandboxes }: PodDirectory) => kataSandboxes.length > 0;
    if (this.#empty.size === 0 && !this.#pods.some(isVirtual)) return [];
    const virtual = new Set(this.#pods.filter(isVirtual).map(({ podUid }) => podUid));
    const named = new Map(this.#empty);
    for (const each of this.#names.all()) if (virtual.has(each.podUid)) named.set(each.podUid, each);
    return this.#pods.flatMap((pod) => {
      const of = named.get(pod.podUid);
      const code = isVirtual(pod) ? 'kata' : 'empty-cgroup';
      return of === undefined ? [] : [{ path: pod.path, code, named: of }];
    });
  }

  /**
   * What of this node is not reported as of the last look, and why. Who asks first after a look has cgroups looked at
   * again: not for each tick. @param pod this one is enough
   */
  notReported(pod?: PodName): readonly NotReported[] {
    if (this.#notReported !== undefined) return this.#notReported;
    const found = {
      hierarchy: this.#hierarchy,
      pods: this.#pods,
      containers: this.#containers,
      inode: this.#inode,
    };
    if (pod !== undefined) return podNotReported(pod, found, this.#names);
    this.#notReported = [...this.#roots.notReported(), ...notReported(found, this.#names)];
    return this.#notReported;
  }

  /**
   * Of containers that are read it turns out when they are gone. The others are asked for, unless these can only be sandboxes:
   * nothing has changed for long, every name could be had, and no cgroup was empty.
   */
  #listPods(mayHaveMissed: boolean): readonly PodDirectory[] {
    const pods = this.#directories.list(this.#kubepods, mayHaveMissed);
    this.#calmLooks = pods === this.#pods ? this.#calmLooks + 1 : 0;
    const isQuiet = this.problem === undefined && this.#empty.size === 0;
    if (isQuiet && this.#calmLooks > listAnewEvery) return pods;
    const empty = new Set(Array.from(this.#empty.values(), ({ containerId }) => containerId));
    const isGone = ({ containerId, path }: ContainerCgroup) =>
      (this.#names.get(containerId) === undefined || empty.has(containerId)) &&
      this.#inode(path) === undefined;
    let hasGone = false;
    for (const { containers } of pods) {
      for (const cgroup of containers) {
        if (!isGone(cgroup)) continue;
        this.#directories.gone(cgroup);
        hasGone = true;
      }
    }
    return hasGone ? this.#directories.list(this.#kubepods) : pods;
  }

  /** Containers that are not where they should be; looked for only while pods are missing or have no containers. */
  #strays(): readonly ContainerCgroup[] {
    if (this.#pods.length === 0) {
      const list = (refused: () => void) => listParentlessContainers(this.#hierarchy, refused);
      return this.#roots.areGiven ? [] : this.#parentless.look(list);
    }
    const isBare = ({ containers, kataSandboxes }: PodDirectory) =>
      containers.length === 0 && kataSandboxes.length === 0;
    const bare = new Set(this.#pods.filter(isBare).map(({ podUid }) => podUid));
    if (bare.size === 0) return [];
    const found = this.#mismatched.look((refused) => listMismatchedContainers(this.#hierarchy, refused));
    return found.filter(({ podUid }) => podUid !== undefined && bare.has(podUid));
  }

  /** Of two cgroups for one container ID, in an old tree and in the present one, the one that holds processes. */
  #once(listed: readonly ContainerCgroup[]): readonly ContainerCgroup[] {
    const byId = new Map<string, ContainerCgroup>();
    for (const cgroup of listed) {
      const other = byId.get(cgroup.containerId);
      if (other === undefined || isEmptyCgroup(this.#hierarchy, other.path))
        byId.set(cgroup.containerId, cgroup);
    }
    return byId.size === listed.length ? listed : [...byId.values()];
  }

  #sayDoubts(): void {
    const { problem } = this.#names;
    if (problem !== this.#saidProblem && problem !== undefined) {
      this.#log.warn({ problem }, 'containers cannot be named: pods are not reported until this is mended');
    }
    this.#saidProblem = problem;
    const doubts = this.#names.doubts();
    if (doubts.length <= this.#mostDoubts) return;
    // Not again for each restart of the same container.
    this.#mostDoubts = doubts.length;
    this.#log.warn(
      { count: doubts.length, first: doubts[0]?.sentence },
      'some log links name nothing for certain',
    );
  }
}
