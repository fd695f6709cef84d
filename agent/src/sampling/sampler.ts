import type { ContainerUsage, NodeReport, PodUsage, Usage } from '@tacho/proto';
import type { CgroupTree } from 'node-cgroup-stats';
import type { ContainerCgroup } from '../pods/kubepods-tree.ts';
import { CgroupTrack, type NoValue, type Value } from './cgroup-track.ts';
import {
  countedByPod,
  type ReadContainer,
  type SeenContainer,
  type StartedContainer,
} from './seen-container.ts';

/** Where the containers of this node come from. */
export interface ContainerSource {
  /** The containers' cgroups that exist now; the same array while they do not change. */
  cgroups(): readonly ContainerCgroup[];
  /** Whose container this is; undefined while nobody has named it, and for a pod's sandbox for ever. */
  name(cgroup: ContainerCgroup): StartedContainer | undefined;
  /** Is told of each container whose cgroup turns out to be gone: another one may have taken its place. */
  gone(cgroup: ContainerCgroup): void;
}

/** What sampling needs. */
export interface SamplerDeps {
  readonly tree: CgroupTree;
  readonly containers: ContainerSource;
  readonly monotonicUsec: () => number;
  readonly wallMs: () => number;
  /** Processors of the machine, at most; asked for with each new container, since they may be plugged in. */
  readonly cpus: number;
}

/** A container that was seen; read once it has a name. */
interface Tracked extends SeenContainer {
  /** When the container was not there yet; undefined where no look of this process can tell. */
  readonly notBeforeUsec: number | undefined;
  /** When it was seen first. */
  readonly seenUsec: number;
  named: StartedContainer | undefined;
  track: CgroupTrack | undefined;
  /** Number of the tick in which it was read last. */
  readIn: number;
}

/** A pod or the node that could not be reported, and why. */
export interface LeftOut {
  readonly who: string;
  readonly why: NoValue;
}

/** One tick's outcome. */
export interface Sample {
  readonly report: NodeReport;
  readonly leftOut: readonly LeftOut[];
}

/** Shorter windows than this say more about the scheduler than about the container. */
export const shortestWindowUsec = 400_000;

/**
 * Looks for containers, reads them and the node, and makes the report of one instant. Keeps going when a container
 * cannot be read: only its own pod is left out, with the reason.
 */
export class Sampler {
  /** The whole machine, or what the cgroup namespace shows of it. */
  readonly node: CgroupTrack;
  readonly #deps: SamplerDeps;
  #tracked = new Map<string, Tracked>();
  /** What the containers are tracked by; undefined where one of them turned out to be gone. */
  #listed: readonly ContainerCgroup[] | undefined;
  /** Sandboxes, and containers that nobody has named yet. */
  #unnamed: Tracked[] = [];
  /** Of the containers as they are tracked now. */
  #counted: ReadonlyMap<string, readonly ReadContainer[]> | undefined;
  #tick = 0;
  #lookedAtUsec: number | undefined;
  #lookedBeforeUsec: number | undefined;

  constructor(deps: SamplerDeps) {
    this.#deps = deps;
    this.node = new CgroupTrack(deps.tree.openRoot());
  }

  /** Looks for containers that came, went or got a name. */
  discover(windowUsec: number): void {
    const nowUsec = this.#deps.monotonicUsec();
    const listed = this.#deps.containers.cgroups();
    if (listed !== this.#listed) this.#follow(listed, nowUsec);
    this.#listed = listed;
    for (const tracked of this.#unnamed) this.#adopt(tracked, nowUsec, windowUsec);
    this.#unnamed = this.#unnamed.filter(({ named }) => named === undefined);
    this.#lookedBeforeUsec = this.#lookedAtUsec;
    this.#lookedAtUsec = nowUsec;
  }

  #follow(listed: readonly ContainerCgroup[], nowUsec: number): void {
    const before = this.#tracked;
    this.#tracked = new Map();
    this.#unnamed = [];
    this.#counted = undefined;
    for (const cgroup of listed) {
      // A kubepods path that was given twice lists its containers twice.
      if (this.#tracked.has(cgroup.containerId)) continue;
      const known = before.get(cgroup.containerId);
      const kept = known?.cgroup.path === cgroup.path ? known : undefined;
      const tracked = kept ?? {
        cgroup,
        notBeforeUsec: cgroup.foundLate ? undefined : this.#lookedAtUsec,
        seenUsec: nowUsec,
        named: undefined,
        track: undefined,
        readIn: 0,
      };
      if (kept !== undefined) before.delete(cgroup.containerId);
      if (tracked.named === undefined) this.#unnamed.push(tracked);
      this.#tracked.set(cgroup.containerId, tracked);
    }
    for (const gone of before.values()) gone.track?.close();
  }

  /** Reads every named container and the node, children before their parents, and reports them. */
  sample(windowUsec: number): Sample {
    const sampleMonotonicUsec = Math.round(this.#deps.monotonicUsec());
    this.#readAll(windowUsec);
    this.node.read(windowUsec);
    const leftOut: LeftOut[] = [];
    const pods = this.#pods(windowUsec, leftOut);
    const report: NodeReport = { sampleMonotonicUsec, pods };
    const node = this.node.value(windowUsec, shortestWindowUsec);
    if (typeof node === 'string') leftOut.push({ who: 'node', why: node });
    else report.node = usageOf(node);
    return { report, leftOut };
  }

  /** The containers that exist, as the last look and the last reading have left them. */
  containers(): Iterable<SeenContainer> {
    return this.#tracked.values();
  }

  close(): void {
    for (const { track } of this.#tracked.values()) track?.close();
    this.#tracked.clear();
    this.node.close();
  }

  /** Reads all; where one is gone also what has taken its place, in this tick still. */
  #readAll(windowUsec: number): void {
    this.#tick += 1;
    if (!this.#readRest(windowUsec)) return;
    // What is found now may have been there at the last look, which had no reason to list its directory.
    this.#lookedAtUsec = this.#lookedBeforeUsec;
    this.discover(windowUsec);
    // Not again and again: of a container that is half gone, a v1 hierarchy may have the cgroup still.
    this.#readRest(windowUsec);
  }

  /** Reads what was not read in this tick. @returns whether any was gone */
  #readRest(windowUsec: number): boolean {
    let hasGone = false;
    for (const tracked of this.#tracked.values()) {
      const { cgroup, track } = tracked;
      if (track === undefined || tracked.readIn === this.#tick) continue;
      tracked.readIn = this.#tick;
      if (track.read(windowUsec) !== 'gone') continue;
      track.close();
      this.#tracked.delete(cgroup.containerId);
      this.#deps.containers.gone(cgroup);
      hasGone = true;
    }
    if (hasGone) {
      this.#listed = undefined;
      this.#counted = undefined;
    }
    return hasGone;
  }

  #adopt(tracked: Tracked, nowUsec: number, windowUsec: number): void {
    const named = this.#deps.containers.name(tracked.cgroup);
    if (named === undefined) return;
    tracked.named = named;
    this.#counted = undefined;
    const startUsec = this.#startOf(named, tracked, nowUsec, windowUsec);
    const start = startUsec === undefined ? undefined : { startUsec, cpus: this.#deps.cpus };
    tracked.track = new CgroupTrack(this.#deps.tree.open(tracked.cgroup.path), start);
  }

  /**
   * When a container started, on the monotonic clock, from its start on the wall clock. For one that came while this
   * process looked on, the truth lies between two looks, whatever was done to the wall clock. For an older one it is
   * believed only if the container is younger than the window; otherwise its start does not matter. So it is for one found late.
   */
  #startOf(
    { startedAtMs }: StartedContainer,
    { notBeforeUsec, seenUsec }: Tracked,
    nowUsec: number,
    windowUsec: number,
  ): number | undefined {
    const ageUsec = (this.#deps.wallMs() - startedAtMs) * 1000;
    if (notBeforeUsec !== undefined) return Math.min(Math.max(nowUsec - ageUsec, notBeforeUsec), seenUsec);
    return ageUsec >= 0 && ageUsec <= windowUsec ? nowUsec - ageUsec : undefined;
  }

  /** One entry per pod, complete or left out: a pod must not look smaller than it is. */
  #pods(windowUsec: number, leftOut: LeftOut[]): PodUsage[] {
    const pods: PodUsage[] = [];
    this.#counted ??= countedByPod(this.containers());
    for (const [uid, members] of this.#counted) {
      const pod = podUsage(uid, members, windowUsec);
      if ('why' in pod) leftOut.push(pod);
      else pods.push(pod);
    }
    return pods;
  }
}

function podUsage(uid: string, members: readonly ReadContainer[], windowUsec: number): PodUsage | LeftOut {
  const containers: ContainerUsage[] = [];
  let owner = { namespace: '', pod: '' };
  for (const { named, track } of members) {
    owner = named;
    const value = track.value(windowUsec, shortestWindowUsec);
    if (typeof value === 'string') {
      return { who: `${named.namespace}/${named.pod} container ${named.container}`, why: value };
    }
    containers.push({ name: named.container, usage: usageOf(value) });
  }
  return { namespace: owner.namespace, name: owner.pod, uid, containers };
}

function usageOf({ cpuNanocores, windowUsec, memoryWorkingSetBytes, swapBytes }: Value): Usage {
  const usage: Usage = { cpuNanocores, memoryWorkingSetBytes, windowUsec };
  if (swapBytes !== undefined) usage.swapBytes = swapBytes;
  return usage;
}
