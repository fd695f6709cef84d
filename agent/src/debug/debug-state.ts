import type {
  ContainerSignals,
  NodeSignals,
  PodSignals,
  ReadCost,
  SlowFile,
} from '../signals/signal-values.ts';
import type { CounterPoint } from './counter-points.ts';
import type { Reason } from './reason.ts';

/** CPU over the window that it really covers, up to the newest of the counters. */
export interface RateState {
  readonly cpuNanocores: number;
  readonly windowUsec: number;
}

/** The text of one kernel file, the first step of a number's way. */
export interface KernelFileState {
  /** As the agent sees it. */
  readonly path: string;
  /** RFC 3339 with ms. */
  readonly readAt: string;
  /**
   * `tick`: the very text of which the newest counters were made. `request`: read for this answer, because nobody had
   * looked in the minute before; its numbers may be newer than the counters.
   */
  readonly readFor: 'tick' | 'request';
  readonly text?: string;
  /** Why there is no text: the errno name, such as ENOENT where the kernel has no such file. */
  readonly problem?: string;
}

/** What the newest report said of a container or the node. */
export interface PushedState {
  readonly cpuNanocores: number;
  readonly windowUsec: number;
  readonly memoryWorkingSetBytes: number;
  /** Left out where the kernel does not count swap. */
  readonly swapBytes?: number;
}

/**
 * Limits, throttling, pressure and the like, read every 15 s while somebody looks; left out until then, and of an event that
 * has no newer ones than the event before. `readAtUsec` is of the agent's monotonic clock, `readAt` RFC 3339 with ms.
 */
export type SignalsState<Signals extends ReadCost> = Signals & { readonly readAt: string };

/** A value or the reason why there is none, and the readings behind it, oldest first. */
export interface UsageState {
  /** Left out of the events of /debug/events. */
  readonly kernelFiles?: readonly KernelFileState[];
  readonly counters: readonly CounterPoint[];
  readonly rate?: RateState;
  readonly why?: string;
  /** Left out where the newest report has nothing of it. */
  readonly pushed?: PushedState;
}

export interface ContainerState extends UsageState {
  readonly name: string;
  readonly containerId: string;
  /** Relative to the root of the hierarchy. */
  readonly cgroupPath: string;
  readonly restartCount: number;
  /** When its cgroup was made, at the latest when the kubelet linked its log; RFC 3339 with ms. */
  readonly startedAt: string;
  readonly signals?: SignalsState<ContainerSignals>;
}

export interface PodState {
  readonly namespace: string;
  readonly name: string;
  /** As the kubelet's log links and cgroups have it, whoever named the pod: for a static pod not the UID of its mirror in the API. */
  readonly uid: string;
  /** Left out where the kubelet makes no cgroup for the pod, or the runtime has put its containers elsewhere. */
  readonly cgroupPath?: string;
  /** Of the pod's own cgroup; left out of the events of /debug/events. */
  readonly kernelFiles?: readonly KernelFileState[];
  /** Of the pod's own cgroup, which has the sandbox in it. Read at most every ten seconds; empty before the first time. */
  readonly counters: readonly CounterPoint[];
  /** What the last reading of the pod's own cgroup lacks. */
  readonly countersWhy?: string;
  /** Of the pod's own cgroup. */
  readonly signals?: SignalsState<PodSignals>;
  /** Why the pod is not reported. */
  readonly why?: string;
  readonly containers: readonly ContainerState[];
}

/** A cgroup of a container that nobody has named. */
export interface UnnamedState extends Reason {
  readonly cgroupPath: string;
  readonly containerId: string;
  /** As the cgroup's path has it, where it has one. */
  readonly podUid?: string;
}

/** Something of this node that is in no report, and why. */
export interface NotReportedState extends Reason {
  readonly what: 'node' | 'pod' | 'container' | 'cgroup' | 'names';
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly cgroupPath?: string;
  readonly containerId?: string;
  readonly podUid?: string;
}

/** The newest report that was handed to the streams. */
export interface ReportState {
  /** When its node was sampled; RFC 3339 with ms. What a replica was sent is this report where both are the same. */
  readonly sampledAt: string;
  readonly pods: number;
  readonly containers: number;
}

/** What went out on a stream; RFC 3339 with ms. */
export interface SentState {
  readonly sampledAt: string;
  /** When it was on its way: encoded, and taken by the connection. */
  readonly at: string;
  /** Reports sent on the present stream, or on the last one. */
  readonly reports: number;
}

/**
 * What a replica has said last on its present stream. It acknowledges no report: it speaks at the beginning, where
 * something has changed, and now and then to compare the clocks. A report that it refuses ends the stream: see `lastError`.
 */
export interface AnsweredState {
  /** When it has said anything; RFC 3339 with ms. */
  readonly at: string;
  readonly periodUsec?: number;
  readonly windowUsec?: number;
  /** How many replicas it knows of. */
  readonly peers?: number;
}

/** One stream to an aggregator. */
export interface ReplicaState {
  readonly address: string;
  readonly connected: boolean;
  /** Since when it has been connected or not; RFC 3339 with ms. */
  readonly since: string;
  readonly lastError?: string;
  readonly sent?: SentState;
  readonly answered?: AnsweredState;
}

/**
 * The body of /debug/state: what the agent knows of its node.
 *
 * Each event of /debug/events (one for each tick, as JSON on one line of data) is this too, without
 * `kernelFiles`. The first event of a connection has the counters of the last minute, a later one only those that were read
 * since the event before it: append them. /debug/pods/NAMESPACE/NAME has the kernel files of one pod (PodDetail).
 */
export interface DebugState {
  /** When this was put together; RFC 3339 with ms, the node's wall clock. */
  readonly time: string;
  readonly agentVersion: string;
  readonly periodUsec: number;
  readonly windowUsec: number;
  readonly replicas: readonly ReplicaState[];
  /** Left out before the first report. */
  readonly report?: ReportState;
  readonly node: UsageState & {
    readonly name: string;
    readonly cgroupMode: string;
    readonly signals?: SignalsState<NodeSignals>;
  };
  /** Kernel files that take long and are read seldom: numbers made of them are as old as their text. Left out where there are none. */
  readonly slowFiles?: readonly SlowFile[];
  readonly pods: readonly PodState[];
  readonly unnamed: readonly UnnamedState[];
  readonly notReported: readonly NotReportedState[];
}

/** The body of /debug/pods/NAMESPACE/NAME: of one name there are two for a while after a pod was made anew. */
export interface PodDetail extends Omit<DebugState, 'node' | 'unnamed'> {
  readonly node: { readonly name: string; readonly cgroupMode: string };
}

/** The body of every answer that is not what was asked for. */
export interface DebugError extends Partial<Reason> {
  readonly error: string;
}
