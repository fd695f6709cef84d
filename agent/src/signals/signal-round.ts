import type { CgroupSignalReading, SignalReader } from 'node-cgroup-stats';
import type { ContainerSignals, NodeSignals, PodSignals, RecentThrottling } from './signal-values.ts';

/** Paths of cgroups, relative to the roots of the hierarchies. */
export interface SignalTargets {
  readonly pods: readonly string[];
  readonly containers: readonly string[];
}

/** What a round needs. */
export interface SignalRoundDeps {
  readonly reader: SignalReader;
  readonly monotonicUsec: () => number;
}

/** A cgroup below a container's, in which crun puts the processes, and sometimes the limits. */
const crunChild = 'container';
/** A file takes some 10 to 100 µs: no further one is begun when less than this is left of a slice. */
const reserveUsec = 300;

/** One reading of everything, in steps of one file: the node, its pods, their containers. */
export class SignalRound {
  readonly containers = new Map<string, ContainerSignals>();
  readonly pods = new Map<string, PodSignals>();
  node: NodeSignals | undefined;
  readonly #deps: SignalRoundDeps;
  /** Let go of at the end: otherwise each round would hold all that were before it. */
  #before: SignalRound | undefined;
  readonly #steps: Generator<undefined, void>;
  #busyUsec = 0;

  /** @param before the round before this one, for what has happened since */
  constructor(deps: SignalRoundDeps, targets: SignalTargets, before: SignalRound | undefined) {
    this.#deps = deps;
    this.#before = before;
    this.#steps = this.#read(targets);
  }

  /** Reads on until about the instant. @returns whether all has been read */
  run(untilUsec: number): boolean {
    const { monotonicUsec } = this.#deps;
    let nowUsec = monotonicUsec();
    do {
      const beforeUsec = nowUsec;
      const { done } = this.#steps.next();
      nowUsec = monotonicUsec();
      this.#busyUsec += nowUsec - beforeUsec;
      if (done) {
        this.#before = undefined;
        return true;
      }
    } while (nowUsec + reserveUsec < untilUsec);
    return false;
  }

  *#read({ pods, containers }: SignalTargets): Generator<undefined, void> {
    const { reader } = this.#deps;
    const root = yield* this.#measured(reader.root());
    this.node = { ...root.value, ...root.cost };
    for (const path of pods) {
      const read = yield* this.#measured(reader.cgroup(path));
      if (read.value === 'gone') continue;
      const now = { ...read.value.signals, ...read.cost };
      this.pods.set(path, { ...now, ...recent(this.#before?.pods.get(path), now) });
    }
    for (const path of containers) {
      const read = yield* this.#measured(reader.cgroup(path, crunChild));
      if (read.value === 'gone') continue;
      const now = container(read.value, read.cost);
      const before = this.#before?.containers.get(path);
      const isSame = before?.throttlingCgroupPath === now.throttlingCgroupPath;
      this.containers.set(path, { ...now, ...(isSame ? recent(before, now) : {}) });
    }
  }

  /** What the steps return, when they ended, and how long the processor was kept busy by them. */
  *#measured<T>(steps: Generator<undefined, T>) {
    this.#busyUsec = 0;
    const value = yield* steps;
    // A step of its own, so that the last file is counted too.
    yield;
    const readAtUsec = this.#deps.monotonicUsec();
    return { value, cost: { readAtUsec, tookUsec: Math.round(this.#busyUsec) } };
  }
}

function container(
  { signals, limitsPath }: CgroupSignalReading,
  cost: { readAtUsec: number; tookUsec: number },
) {
  return { ...signals, ...cost, throttlingCgroupPath: limitsPath } satisfies ContainerSignals;
}

/** What two readings are apart. Nothing where a counter went back: the cgroup was made anew. */
function recent(before: PodSignals | undefined, now: PodSignals): { recentThrottling?: RecentThrottling } {
  if (before?.throttling.status !== 'ok' || now.throttling.status !== 'ok') return {};
  const [from, to] = [before.throttling.value, now.throttling.value];
  const periods = to.periods - from.periods;
  const throttledPeriods = to.throttledPeriods - from.throttledPeriods;
  const throttledUsec = to.throttledUsec - from.throttledUsec;
  if (periods < 0 || throttledPeriods < 0 || throttledUsec < 0) return {};
  const overUsec = Math.round(now.readAtUsec - before.readAtUsec);
  return { recentThrottling: { overUsec, periods, throttledPeriods, throttledUsec } };
}
