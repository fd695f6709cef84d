import type { Pressure } from '../../signals/signal-values.ts';

/** One reading of a cgroup. A quantity that is not known is left out; zero is a quantity. */
export interface Measured {
  /** When it was read, wall clock. */
  readonly atMs: number;
  /** Cumulative CPU time: whole seconds, and nanoseconds of the second. */
  readonly cpuTime?: { readonly seconds: number; readonly nanoseconds: number };
  readonly cpuNanocores?: number;
  /** Everything charged, page cache included. */
  readonly memoryUsageBytes?: number;
  readonly memoryWorkingSetBytes?: number;
  readonly memoryRssBytes?: number;
  /** Left out where there is no limit. */
  readonly memoryLimitBytes?: number;
  readonly swapBytes?: number;
  readonly swapLimitBytes?: number;
  readonly cpuPressure?: Pressure;
  readonly memoryPressure?: Pressure;
  readonly ioPressure?: Pressure;
}

export interface MeasuredContainer extends Measured {
  readonly name: string;
  readonly startedAtMs: number;
}

export interface MeasuredPod {
  readonly namespace: string;
  readonly name: string;
  /** As the node has it: for a static pod the hash of its manifest. */
  readonly uid: string;
  readonly startedAtMs: number;
  /** Of the pod's own cgroup; undefined where that was not read. */
  readonly own: Measured | undefined;
  readonly containers: readonly MeasuredContainer[];
}

/** What the kubelet's endpoints say of a node. */
export interface MeasuredNode {
  readonly name: string;
  readonly bootedAtMs: number;
  readonly node: Measured;
  /** The cgroup in which all pods lie; left out where it was not read. */
  readonly allPods?: Measured & { readonly startedAtMs: number };
  readonly pods: readonly MeasuredPod[];
  /** Whether everything could be read; false where containers are missing because nobody can name them. */
  readonly isWhole: boolean;
}
