import { Entry, type Sample, SampleTime } from '../api/entry.ts';
import type { CheckedPod, CheckedUsage } from './checked-report.ts';

/** A node's report, as long as it is the node's latest. */
export class HeldReport extends SampleTime {
  /** By the aggregator's monotonic clock. */
  readonly receivedMs: number;
  readonly knowsSwap: boolean;
  /** What it says of the node itself. */
  node: CheckedUsage | undefined;
  /** Whose samples are of this report, the node's own among them. */
  readonly entries: HeldEntry[] = [];
  /** Pods that no entry has taken yet, by the UID that the node uses: the watch may be behind the node. */
  readonly unclaimed = new Map<string, CheckedPod>();
  /** Replaced by a later one, or too old: its samples are not served any more. */
  ended = false;

  constructor(timestampMs: number, receivedMs: number, knowsSwap: boolean) {
    super(timestampMs);
    this.receivedMs = receivedMs;
    this.knowsSwap = knowsSwap;
  }
}

/** A sample that knows its report. */
export interface HeldSample extends Sample {
  readonly time: HeldReport;
}

/** A node or a pod with the latest sample of it. */
export class HeldEntry extends Entry {
  sample: HeldSample | undefined;
  /** For a pod: whether its phase says so. A node always does. */
  running = true;
  /** Empty for a node, and for a pod that is not scheduled. */
  nodeName = '';
  /**
   * The UID that the pod's node uses. For a static pod that is the hash of its manifest, which the mirror pod in
   * the API carries as an annotation, not as its own UID.
   */
  nodeUid = '';

  /** Whether there is something to serve, be it ever so old. */
  get present(): boolean {
    return this.running && this.sample !== undefined && !this.sample.time.ended;
  }
}
