import type { LabelSet } from './label-set.ts';

/** Usage of one container, or of a node. Numbers are non-negative safe integers. */
export interface Usage {
  readonly cpuNanocores: number;
  readonly memoryWorkingSetBytes: number;
  /** Absent where the kernel does not count swap: not the same as zero. */
  readonly swapBytes: number | undefined;
}

/** A container's name; one object for all containers that are called so. */
export class ContainerName {
  readonly name: string;
  /** The encoders' own, made when first wanted. */
  json: Uint8Array | undefined;
  protobuf: Uint8Array | undefined;

  constructor(name: string) {
    this.name = name;
  }
}

/** What all samples of one report have in common. */
export class SampleTime {
  /** Milliseconds since the epoch. */
  timestampMs: number;
  /** The encoders' own, made when first wanted. */
  json: Uint8Array | undefined;
  protobuf: Uint8Array | undefined;

  constructor(timestampMs: number) {
    this.timestampMs = timestampMs;
  }
}

/**
 * What was measured of an object at one instant. Good until others have their turn: the next report is written over it,
 * whole, so that whoever looks later sees a later sample and never parts of two.
 */
export interface Sample {
  readonly time: SampleTime;
  /** What the CPU rates cover. */
  readonly windowUsec: number;
  /** Of a pod's containers, as `names`; of a node one, without a name. */
  readonly usages: readonly Usage[];
  readonly names: readonly ContainerName[];
}

/** A node or a pod of the cluster. Lives as long as the object does, while its samples come and go. */
export class Entry {
  readonly resource: 'nodes' | 'pods';
  /** Empty for a node. */
  readonly namespace: string;
  readonly name: string;
  labels: LabelSet;
  /** The resourceVersion: grows with each sample and each change of the labels. Microseconds since the epoch, about. */
  revision = 0;
  /** The encoders' own, made when first wanted. */
  json: Uint8Array | undefined;
  protobuf: Uint8Array | undefined;

  constructor(resource: 'nodes' | 'pods', namespace: string, name: string, labels: LabelSet) {
    this.resource = resource;
    this.namespace = namespace;
    this.name = name;
    this.labels = labels;
  }
}

/** The usage of a node, or of a pod as the sum of its containers; its swap is known only when that of each container is. */
export function totalUsage({ usages }: Sample): Usage {
  const [first] = usages;
  if (usages.length === 1 && first !== undefined) return first;
  let cpuNanocores = 0;
  let memoryWorkingSetBytes = 0;
  let swapBytes: number | undefined = usages.length === 0 ? undefined : 0;
  for (const usage of usages) {
    cpuNanocores += usage.cpuNanocores;
    memoryWorkingSetBytes += usage.memoryWorkingSetBytes;
    swapBytes =
      swapBytes === undefined || usage.swapBytes === undefined ? undefined : swapBytes + usage.swapBytes;
  }
  return { cpuNanocores, memoryWorkingSetBytes, swapBytes };
}

/** Whether one of the usages knows its swap. */
export function hasSwap({ usages }: Sample): boolean {
  return usages.some(({ swapBytes }) => swapBytes !== undefined);
}
