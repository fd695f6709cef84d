import { type Cgroup, type CgroupTree, type CgroupUsage, createCgroupUsage } from 'node-cgroup-stats';
import type { ContainerCgroup } from '../pods/kubepods-tree.ts';
import { PodCgroups } from './pod-cgroups.ts';
import { type Sample, Sampler } from './sampler.ts';
import type { StartedContainer } from './seen-container.ts';

export const second = 1_000_000;
export const windowUsec = 10 * second;

/** What a cgroup answers at its next reading: the CPU counter, memory, or another status in their place. */
export type Reading = Partial<CgroupUsage> | 'gone';

/** A container to put on the node. */
export interface Placed {
  readonly id: string;
  readonly pod: string;
  /** Of the pod; by default `<pod>-uid`. */
  readonly uid?: string;
  readonly container?: string;
  readonly restartCount?: number;
  /** Age on the wall clock, seconds. */
  readonly age?: number;
  readonly named?: boolean;
  /** It may have been there for some looks before it was found. */
  readonly foundLate?: true;
}

/** A node without kernel files: cgroups whose readings a test sets, and two clocks that it moves. */
export class FixtureNode {
  nowUsec = 1_000 * second;
  wallMs = Date.UTC(2026, 0, 1);
  /** Paths of the cgroups that were opened and not closed. */
  readonly open: string[] = [];
  /** What happens when the sampler has found a container gone. */
  whenGone: (id: string) => void = () => {};
  readonly #readings = new Map<string, Reading>();
  readonly #cgroups: ContainerCgroup[] = [];
  readonly #names = new Map<string, StartedContainer>();
  readonly tree: CgroupTree = this.#tree();
  readonly sampler: Sampler;
  #cpus: number;

  constructor(cpus = 2) {
    this.#cpus = cpus;
    const node = this;
    this.set('', { usageSeconds: 0 });
    this.sampler = new Sampler({
      tree: this.tree,
      containers: {
        cgroups: () => [...this.#cgroups],
        name: ({ containerId }) => this.#names.get(containerId),
        gone: ({ containerId }) => this.whenGone(containerId),
      },
      monotonicUsec: () => this.nowUsec,
      wallMs: () => this.wallMs,
      get cpus() {
        return node.#cpus;
      },
    });
  }

  /** Processors come while the agent runs. @param cpus how many there are then */
  plugIn(cpus: number): void {
    this.#cpus = cpus;
  }

  place(placed: Placed): void {
    const podUid = placed.uid ?? `${placed.pod}-uid`;
    const late = placed.foundLate ? { foundLate: placed.foundLate } : {};
    this.#cgroups.push({
      path: `/kubepods/pod${podUid}/${placed.id}`,
      podUid,
      containerId: placed.id,
      ...late,
    });
    this.set(placed.id, { usageSeconds: 0 });
    if (placed.named !== false) this.name(placed);
  }

  name({ id, pod, uid = `${pod}-uid`, container = 'app', restartCount = 0, age = 3600 }: Placed): void {
    const startedAtMs = this.wallMs - age * 1000;
    const name = { namespace: 'default', pod, container, podUid: uid, restartCount };
    this.#names.set(id, { ...name, containerId: id, linkedAtMs: startedAtMs, startedAtMs });
  }

  /** Removes the cgroup from the listing; an open one answers `gone`. */
  remove(id: string): void {
    const index = this.#cgroups.findIndex((each) => each.containerId === id);
    this.#cgroups.splice(index, 1);
    this.set(id, 'gone');
  }

  /** @param id of a container, or '' for the root */
  set(id: string, reading: Reading): void {
    this.#readings.set(id, reading);
  }

  /** Both clocks go on, every `ok` CPU counter too. @param cores used by each cgroup meanwhile */
  advance(seconds: number, cores = 0): void {
    this.nowUsec += seconds * second;
    this.wallMs += seconds * 1000;
    for (const reading of this.#readings.values()) {
      if (reading !== 'gone') reading.usageSeconds = (reading.usageSeconds ?? 0) + seconds * cores;
    }
  }

  /** The pods' own cgroups, read every five seconds at most. */
  podCgroups(): PodCgroups {
    return new PodCgroups({ tree: this.tree, monotonicUsec: () => this.nowUsec, leastGapUsec: 5 * second });
  }

  clocks(): { readonly monotonicUsec: number; readonly wallMs: number } {
    return { monotonicUsec: this.nowUsec, wallMs: this.wallMs };
  }

  tick(window = windowUsec): Sample {
    this.sampler.discover(window);
    return this.sampler.sample(window);
  }

  #tree(): CgroupTree {
    const open = (path: string): Cgroup => {
      const id = path.slice(path.lastIndexOf('/') + 1);
      this.open.push(path);
      const close = () => void this.open.splice(this.open.indexOf(path), 1);
      return { path, files: [], read: (into) => this.#read(id, into), close };
    };
    return { open, openRoot: () => open('') };
  }

  #read(id: string, into: CgroupUsage): 'ok' | 'gone' {
    const reading = this.#readings.get(id) ?? 'gone';
    if (reading === 'gone') return 'gone';
    const healthy = { cpuStatus: 'ok', usageNanoseconds: 0, workingSetStatus: 'ok', workingSetBytes: 4096 };
    const sampledAtUsec = this.nowUsec;
    Object.assign(into, createCgroupUsage(), healthy, { sampledAtUsec }, reading);
    return 'ok';
  }
}
