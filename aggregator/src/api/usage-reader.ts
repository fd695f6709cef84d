/** Usage of one container. Numbers are non-negative safe integers. */
export interface ContainerUsage {
  readonly name: string;
  readonly cpuNanocores: number;
  readonly memoryWorkingSetBytes: number;
  /** Absent where the kernel does not count swap: not the same as zero. */
  readonly swapBytes: number | undefined;
}

/** What every item has. An item is replaced when its report or labels change, never written to. */
interface UsageSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Instant of the sample, milliseconds since the epoch. */
  readonly timestampMs: number;
  /** What the CPU rate covers. */
  readonly windowUsec: number;
}

export interface NodeUsage extends UsageSample {
  readonly cpuNanocores: number;
  readonly memoryWorkingSetBytes: number;
  readonly swapBytes: number | undefined;
}

export interface PodUsage extends UsageSample {
  readonly namespace: string;
  readonly containers: readonly ContainerUsage[];
}

export type UsageItem = NodeUsage | PodUsage;

/** Why an item is not there: the cluster does not know the name, or knows it and has no metrics for it. */
export type Absence = 'unknown' | 'no-metrics';

/** What the API reads. Each answer is complete and consistent in itself. */
export interface UsageReader {
  /** Sorted bytewise by name. */
  nodes(): readonly NodeUsage[];
  node(name: string): NodeUsage | Absence;
  /** Sorted bytewise by namespace, then name. Without a namespace: the whole cluster. */
  pods(namespace: string | undefined): readonly PodUsage[];
  pod(namespace: string, name: string): PodUsage | Absence;
}

export function isPodUsage(item: UsageItem): item is PodUsage {
  return 'containers' in item;
}
