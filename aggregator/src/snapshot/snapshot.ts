import type { Absence, Run, UsageReader } from '../api/measured/entries.ts';
import type { Entry, Sample } from '../api/measured/entry.ts';
import type { LabelSet } from '../api/measured/label-set.ts';
import type { ChangeListener } from '../api/watch/watch-source.ts';
import type { CheckedPod, CheckedReport, CheckedUsage } from './checked-report.ts';
import { ClusterObjects } from './cluster-objects.ts';
import { ContainerNames } from './container-names.ts';
import { type HeldEntry, HeldReport } from './held-entry.ts';

export interface SnapshotOptions {
  /** How long after its arrival a report is still served when none follows. */
  readonly silenceMs: number;
  /** Whether the usage has its swap. */
  readonly swap: boolean;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

/** What is held, for the aggregator's own metrics. */
export interface SnapshotSize {
  readonly nodes: number;
  readonly pods: number;
  readonly containers: number;
}

/**
 * The latest report of every node, and nothing older, joined with the cluster's nodes and pods: a node's word counts
 * only for itself and for pods that the API server has scheduled there, so a report that names a foreign pod is never
 * found.
 */
export class Snapshot implements UsageReader {
  readonly #options: SnapshotOptions;
  readonly #reports = new Map<string, HeldReport>();
  readonly #names = new ContainerNames();
  readonly #listeners = new Set<ChangeListener>();
  #revision = 0;
  #knowingSwap = 0;
  #changingLabels: LabelSet | undefined;
  readonly nodeObjects: ClusterObjects;
  readonly podObjects: ClusterObjects;

  constructor(options: SnapshotOptions) {
    this.#options = options;
    const changing = (entry: HeldEntry) => {
      this.#changingLabels = entry.present ? entry.labels : undefined;
    };
    const gone = (entry: HeldEntry) => {
      const before = entry.present ? entry.labels : undefined;
      entry.running = false;
      entry.revision = this.#nextRevision();
      this.#tell(entry, before);
    };
    const changed = (claim: (entry: HeldEntry) => void) => (entry: HeldEntry) => {
      const before = this.#changingLabels;
      this.#changingLabels = undefined;
      entry.revision = this.#nextRevision();
      claim(entry);
      this.#tell(entry, before);
    };
    this.nodeObjects = new ClusterObjects('nodes', {
      changing,
      gone,
      changed: changed((entry) => this.#claimNode(entry)),
    });
    this.podObjects = new ClusterObjects('pods', {
      changing,
      gone,
      changed: changed((entry) => this.#claimPod(entry)),
    });
  }

  /** Takes a node's report in the place of its last one. A timestamp never goes back. */
  put(nodeName: string, report: CheckedReport, sampledAtMs: number): void {
    const before = this.#reports.get(nodeName);
    const held = new HeldReport(
      Math.max(sampledAtMs, before?.timestampMs ?? 0),
      this.#options.monotonicMs(),
      this.#options.swap && knowsSwap(report),
    );
    this.#reports.set(nodeName, held);
    if (held.knowsSwap) this.#knowingSwap += 1;
    held.node = report.node;
    const node = this.nodeObjects.get('', nodeName);
    if (node !== undefined) this.#claimNode(node);
    for (const pod of report.pods) {
      const entry = this.podObjects.get(pod.namespace, pod.name);
      if (entry === undefined || !isThatPod(entry, nodeName, pod)) held.unclaimed.set(pod.uid, pod);
      else this.#take(entry, held, pod.windowUsec, pod.containers);
    }
    if (before !== undefined) this.#end(before);
  }

  /** Whether there is a report of this node that is not too old to be served. */
  hasReport(nodeName: string): boolean {
    const report = this.#reports.get(nodeName);
    return report !== undefined && this.#isFresh(report);
  }

  /** Forgets nodes that have been silent for too long; reads leave them out even before. */
  expire(): void {
    for (const [name, report] of this.#reports) {
      if (this.#isFresh(report)) continue;
      this.#reports.delete(name);
      this.#end(report);
    }
  }

  /** Tells of each change from now on. @returns what ends it */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  size(): SnapshotSize {
    const size = { nodes: this.#reports.size, pods: 0, containers: 0 };
    for (const report of this.#reports.values()) {
      for (const { resource, running, sample } of report.entries) {
        if (resource !== 'pods' || !running || sample?.time !== report) continue;
        size.pods += 1;
        size.containers += sample.usages.length;
      }
    }
    return size;
  }

  nodes(): readonly Run[] {
    return this.nodeObjects.runs();
  }

  pods(namespace: string | undefined): readonly Run[] {
    return namespace === undefined ? this.podObjects.runs() : [this.podObjects.run(namespace)];
  }

  podsByLabels(keys: readonly string[]): Iterable<readonly [LabelSet, Iterable<Entry>]> {
    return this.podObjects.labels.withKeys(keys);
  }

  node(name: string): Entry | Absence {
    return this.#present(this.nodeObjects.get('', name));
  }

  pod(namespace: string, name: string): Entry | Absence {
    return this.#present(this.podObjects.get(namespace, name));
  }

  samplesNow(): (entry: Entry) => Sample | undefined {
    const oldestMs = this.#options.monotonicMs() - this.#options.silenceMs;
    return (entry) => {
      // Every entry that a reader has is one of ours.
      const { running, sample } = entry as HeldEntry;
      return running && sample !== undefined && !sample.time.ended && sample.time.receivedMs >= oldestMs
        ? sample
        : undefined;
    };
  }

  knowsSwap(): boolean {
    return this.#knowingSwap > 0;
  }

  revision(): number {
    return this.#nextRevision();
  }

  #present(entry: HeldEntry | undefined): Entry | Absence {
    if (entry === undefined || !entry.running) return 'unknown';
    return this.samplesNow()(entry) === undefined ? 'no-metrics' : entry;
  }

  #isFresh({ receivedMs }: HeldReport): boolean {
    return this.#options.monotonicMs() - receivedMs <= this.#options.silenceMs;
  }

  #claimNode(entry: HeldEntry): void {
    const held = this.#reports.get(entry.name);
    if (held?.node !== undefined && entry.sample?.time !== held) {
      this.#take(entry, held, held.node.windowUsec, [{ name: '', ...held.node }]);
    }
  }

  /** What the node has said of a pod before the watch did. */
  #claimPod(entry: HeldEntry): void {
    const held = this.#reports.get(entry.nodeName);
    const pod = held?.unclaimed.get(entry.nodeUid);
    if (held === undefined || pod === undefined || !isThatPod(entry, entry.nodeName, pod)) return;
    held.unclaimed.delete(entry.nodeUid);
    this.#take(entry, held, pod.windowUsec, pod.containers);
  }

  #take(
    entry: HeldEntry,
    time: HeldReport,
    windowUsec: number,
    containers: readonly (CheckedUsage & { readonly name: string })[],
  ): void {
    const before = entry.present ? entry.labels : undefined;
    const names = this.#names.of(containers, entry.sample?.names);
    entry.hold(time, windowUsec, names, containers, this.#options.swap);
    entry.revision = this.#nextRevision();
    time.entries.push(entry);
    this.#tell(entry, before);
  }

  #end(report: HeldReport): void {
    const left = report.entries.filter((entry) => entry.present && entry.sample?.time === report);
    report.ended = true;
    if (report.knowsSwap) this.#knowingSwap -= 1;
    for (const entry of left) {
      entry.revision = this.#nextRevision();
      this.#tell(entry, entry.labels);
    }
    // An entry that is not reported any more keeps its last report: that must not keep others in turn.
    report.entries.length = 0;
    report.unclaimed.clear();
    report.node = undefined;
  }

  #tell(entry: HeldEntry, before: LabelSet | undefined): void {
    const after = entry.present ? entry.labels : undefined;
    if (entry.sample === undefined || (before === undefined && after === undefined)) return;
    for (const listener of this.#listeners) listener(entry, before, after, entry.sample);
  }

  /** Grows with every change, and is about the same on every replica: microseconds since the epoch. */
  #nextRevision(): number {
    this.#revision = Math.max(this.#revision + 1, Math.floor(this.#options.wallMs() * 1000));
    return this.#revision;
  }
}

function isThatPod(entry: HeldEntry, nodeName: string, { namespace, name, uid }: CheckedPod): boolean {
  return (
    entry.nodeUid === uid &&
    entry.nodeName === nodeName &&
    entry.name === name &&
    entry.namespace === namespace
  );
}

function knowsSwap({ node, pods }: CheckedReport): boolean {
  return (
    node?.swapBytes !== undefined ||
    pods.some(({ containers }) => containers.some(({ swapBytes }) => swapBytes !== undefined))
  );
}
