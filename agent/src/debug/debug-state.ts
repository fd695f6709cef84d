import type { CounterPoint } from './counter-points.ts';

/** CPU over the window that it really covers, as it is pushed. */
export interface RateState {
  readonly cpuNanocores: number;
  readonly windowUsec: number;
}

/** A value or the reason why there is none, and the readings behind it, oldest first. */
export interface UsageState {
  readonly counters: readonly CounterPoint[];
  readonly rate?: RateState;
  readonly why?: string;
}

export interface ContainerState extends UsageState {
  readonly name: string;
  readonly containerId: string;
  /** Relative to the root of the hierarchy. */
  readonly cgroupPath: string;
  readonly restartCount: number;
  /** When its cgroup was made, at the latest when the kubelet linked its log; RFC 3339 with ms. */
  readonly startedAt: string;
}

export interface PodState {
  readonly namespace: string;
  readonly name: string;
  /** As the kubelet's log links give it: for a static pod not the UID of its mirror in the API. */
  readonly uid: string;
  readonly cgroupPath: string;
  /** Of the pod's own cgroup, which has the sandbox in it. Read at most every five seconds; empty before the first time. */
  readonly counters: readonly CounterPoint[];
  /** What the last reading of the pod's own cgroup lacks. */
  readonly countersWhy?: string;
  /** Why the pod is not reported. */
  readonly why?: string;
  readonly containers: readonly ContainerState[];
}

/** A cgroup of a container that nobody has named. */
export interface UnnamedState {
  readonly cgroupPath: string;
  readonly containerId: string;
  readonly why: string;
}

/** One stream to an aggregator. */
export interface ReplicaState {
  readonly address: string;
  readonly connected: boolean;
  /** Since when it has been connected or not; RFC 3339 with ms. */
  readonly since: string;
  readonly lastError?: string;
}

/** The body of /debug/state: what the agent knows of its node. */
export interface DebugState {
  /** When this was put together; RFC 3339 with ms, the node's wall clock. */
  readonly time: string;
  readonly agentVersion: string;
  readonly periodUsec: number;
  readonly windowUsec: number;
  readonly replicas: readonly ReplicaState[];
  readonly node: UsageState & { readonly name: string; readonly cgroupMode: string };
  readonly pods: readonly PodState[];
  readonly unnamed: readonly UnnamedState[];
}
