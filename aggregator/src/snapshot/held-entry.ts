import { type ContainerName, Entry, type Sample, SampleTime, type Usage } from '../api/measured/entry.ts';
import type { LabelSet } from '../api/measured/label-set.ts';
import type { CheckedPod, CheckedUsage } from './checked-report.ts';

/** A reported pod that waits for the watch. */
export interface UnclaimedPod {
  readonly pod: CheckedPod;
  /** Since when the node has reported it without a break, by the monotonic clock. */
  readonly sinceMs: number;
}

/** After how many of its sender's periods without a report a node counts as silent. */
export const silentPeriods = 3;

const noOthers: readonly HeldReport[] = [];

/** A node's report: what its samples have in common, and who has them while it is the node's latest. */
export class HeldReport extends SampleTime {
  /** By the aggregator's monotonic clock, as the instant of the samples. */
  readonly receivedMs: number;
  readonly sampledMs: number;
  /** Until when it is served if none follows. */
  freshUntilMs = 0;
  knowsSwap = false;
  /** What it says of the node itself. */
  node: CheckedUsage | undefined;
  /** Whose samples are of this report, the node's own among them. */
  readonly entries: HeldEntry[] = [];
  /** Pods that no entry has taken yet, by the UID that the node uses: the watch may be behind the node. */
  readonly unclaimed = new Map<string, UnclaimedPod>();
  /** Replaced by a later one, or too old: its samples are not served any more. */
  ended = false;
  /** The puller that reported the node in its agent's place, by the name of its pod. */
  puller: string | undefined = undefined;
  /** How often its sender reports, where it says so; 0 otherwise. */
  periodMs = 0;
  /** Pulled samples of other instants, and earlier ones of what this report lacks: they are served beside it. */
  others: readonly HeldReport[] = noOthers;

  constructor(timestampMs: number, receivedMs: number, sampledMs: number) {
    super(timestampMs);
    this.receivedMs = receivedMs;
    this.sampledMs = sampledMs;
  }

  /** Puts another timestamp in the place of this one. */
  dateAnew(timestampMs: number): void {
    this.timestampMs = timestampMs;
    this.json = undefined;
    this.protobuf = undefined;
  }

  /** How many pods and containers are served by it, were it ever so old. */
  served(): { readonly pods: number; readonly containers: number } {
    let [pods, containers] = [0, 0];
    for (const { resource, running, sample } of this.entries) {
      if (resource !== 'pods' || !running || sample?.time !== this) continue;
      pods += 1;
      containers += sample.usages.length;
    }
    for (const other of this.others) {
      const its = other.served();
      pods += its.pods;
      containers += its.containers;
    }
    return { pods, containers };
  }
}

/** Not an integer: V8 then keeps place for any number from the beginning, instead of a new box for each large one. */
const noValue = Number.NaN;

class HeldUsage implements Usage {
  cpuNanocores = noValue;
  memoryWorkingSetBytes = noValue;
  swapBytes: number | undefined = undefined;
}

/**
 * A sample that knows its report. An entry has one for its whole life, which is written over by each report: a list of
 * the whole cluster spends its time waiting for memory, and so its numbers lie in the order of the entries, not in that
 * of the nodes that sent them.
 */
export class HeldSample implements Sample {
  time: HeldReport = never;
  windowUsec = 0;
  names: readonly ContainerName[] = [];
  readonly usages: HeldUsage[] = [];

  /** @param containers how many there will probably be */
  constructor(containers: number) {
    for (let index = 0; index < containers; index += 1) this.usages.push(new HeldUsage());
  }

  write(
    time: HeldReport,
    windowUsec: number,
    names: readonly ContainerName[],
    usages: readonly Usage[],
    swap: boolean,
  ): void {
    this.time = time;
    this.windowUsec = windowUsec;
    this.names = names;
    while (this.usages.length < usages.length) this.usages.push(new HeldUsage());
    if (this.usages.length > usages.length) this.usages.length = usages.length;
    for (let index = 0; index < usages.length; index += 1) {
      const [held, usage] = [this.usages[index] as HeldUsage, usages[index] as Usage];
      held.cpuNanocores = usage.cpuNanocores;
      held.memoryWorkingSetBytes = usage.memoryWorkingSetBytes;
      held.swapBytes = swap ? usage.swapBytes : undefined;
    }
  }
}

const never = new HeldReport(0, 0, 0);

/** A node or a pod with the latest sample of it. */
export class HeldEntry extends Entry {
  /** The latest, once there was one. */
  sample: HeldSample | undefined;
  readonly #place: HeldSample;
  /** For a pod: whether its phase says so. A node always does. */
  running = true;
  /** Empty for a node, and for a pod that is not scheduled. */
  nodeName = '';
  /**
   * The UID that the pod's node uses. For a static pod that is the hash of its manifest, which the mirror pod in
   * the API carries as an annotation, not as its own UID.
   */
  nodeUid = '';

  /** @param containers how many the pod has, as far as that is known; 1 for a node */
  constructor(resource: 'nodes' | 'pods', namespace: string, name: string, labels: LabelSet, containers = 1) {
    super(resource, namespace, name, labels);
    this.#place = new HeldSample(containers);
  }

  /** Takes the latest sample. */
  hold(...sample: Parameters<HeldSample['write']>): void {
    this.#place.write(...sample);
    this.sample = this.#place;
  }

  /** Whether there is something to serve, be it ever so old. */
  get present(): boolean {
    return this.running && this.sample !== undefined && !this.sample.time.ended;
  }
}
