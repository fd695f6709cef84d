import type { CgroupSignals, RootSignals } from 'node-cgroup-stats';

export type {
  CgroupSignals,
  CpuLimit,
  CpuWeight,
  IoDevice,
  Limit,
  Pressure,
  PressureLine,
  RootSignals,
  Signal,
  Throttling,
} from 'node-cgroup-stats';

/** When values were read, on the monotonic clock, and how long the processor was kept busy by it. */
export interface ReadCost {
  readonly readAtUsec: number;
  readonly tookUsec: number;
}

/** What throttling came to between the last two readings. */
export interface RecentThrottling {
  readonly overUsec: number;
  readonly periods: number;
  readonly throttledPeriods: number;
  readonly throttledUsec: number;
}

/** What a container's cgroup tells beside its usage. JSON-able; every field has a value or says why it has none. */
export interface ContainerSignals extends CgroupSignals, ReadCost {
  /**
   * Where `throttling` and `cpuLimit` were read, relative to the root of the hierarchy: the container's cgroup, or the child `container`
   * in which crun puts the processes.
   */
  readonly throttlingCgroupPath: string;
  /** Not there before the second reading, nor where the counters are not known. */
  readonly recentThrottling?: RecentThrottling;
}

/** What a pod's own cgroup tells beside its usage. */
export interface PodSignals extends CgroupSignals, ReadCost {
  readonly recentThrottling?: RecentThrottling;
}

/** What the root of the cgroups and /proc tell of the node. */
export interface NodeSignals extends RootSignals, ReadCost {}

/** A kernel file that takes so long that it is read seldom, aside from everything else. Its last text is served meanwhile. */
export interface SlowFile {
  readonly path: string;
  readonly tookUsec: number;
  /** How old the text is that is served. */
  readonly ageUsec: number;
}
