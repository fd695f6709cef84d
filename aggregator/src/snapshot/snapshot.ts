import type { Absence, Run, UsageReader } from '../api/measured/entries.ts';
import type { Entry, Sample } from '../api/measured/entry.ts';
import type { LabelSet } from '../api/measured/label-set.ts';
import type { ChangeListener } from '../api/watch/watch-source.ts';
import { type CheckedPod, type CheckedReport, knowsSwap, periodMs } from './checked-report.ts';
import { ClusterObjects } from './cluster-objects.ts';
import { ContainerNames } from './container-names.ts';
import { EntryChanges } from './entry-changes.ts';
import { type HeldEntry, HeldReport, silentPeriods } from './held-entry.ts';
import { HeldTimestamps } from './held-timestamps.ts';
import { isThatPod, remember, takerOf } from './pod-claim.ts';
import { expired, keepEarlier, newestMs, PulledSamples } from './pulled-samples.ts';
import { type ClaimRefusals, noRefusals, UnclaimedPods } from './unclaimed-pods.ts';

export interface SnapshotOptions {
  /** How long after its arrival a report is served when none follows, at least. */
  readonly silenceMs: number;
  /** How long an agent's report of this node is served at least, where a puller may take over; 0 elsewhere and by default. */
  readonly leastHeldMs?: (node: string) => number;
  /** Whether the usage has its swap. */
  readonly swap: boolean;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
}

type Measured = Pick<CheckedPod, 'windowUsec' | 'containers'>;

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
  readonly #timestamps = new HeldTimestamps();
  readonly #names = new ContainerNames();
  readonly #changes: EntryChanges;
  #knowingSwap = 0;
  readonly nodeObjects: ClusterObjects;
  readonly podObjects: ClusterObjects;

  constructor(options: SnapshotOptions) {
    this.#options = options;
    this.#changes = new EntryChanges(options.wallMs);
    const claimNode = (entry: HeldEntry) => this.#claimNode(entry);
    const claimPod = (entry: HeldEntry) => this.#claimPod(entry);
    this.nodeObjects = new ClusterObjects('nodes', this.#changes.ofObjects(claimNode));
    this.podObjects = new ClusterObjects('pods', this.#changes.ofObjects(claimPod));
  }

  /**
   * Takes a node's report in the place of its last one. A timestamp never goes back.
   * @returns how many of its pods are not served, by reason; those that the watch may still tell of wait for it
   */
  put(nodeName: string, report: CheckedReport, sampledAtMs: number): ClaimRefusals {
    const before = this.#reports.get(nodeName);
    // An agent's samples have one instant: of none may it be before that of a pulled one.
    const held = this.#hold(nodeName, report, sampledAtMs, Math.max(sampledAtMs, newestMs(before)));
    const leastMs = this.#options.leastHeldMs?.(nodeName) ?? 0;
    held.freshUntilMs = Math.max(held.freshUntilMs, held.receivedMs + leastMs);
    let unclaimed: UnclaimedPods | undefined;
    for (const pod of report.pods) {
      const entry = takerOf(pod, nodeName) ?? this.podObjects.get(pod.namespace, pod.name);
      if (entry !== undefined && isThatPod(entry, nodeName, pod)) {
        remember(entry, nodeName, pod);
        this.#take(entry, held, pod);
        continue;
      }
      unclaimed ??= new UnclaimedPods(nodeName, held, before);
      unclaimed.add(pod, entry, this.podObjects.withUid(pod.uid));
    }
    for (const ended of keepEarlier(held, [], before)) this.#end(ended);
    return unclaimed?.refusals ?? noRefusals;
  }

  /**
   * Takes what a puller has read of a node in the place of its last report. A pod's timestamp never goes back, and what
   * this report lacks of those before is served on, for as long as theirs would be.
   * @returns how many of its pods the watch does not know on this node
   */
  putPulled(nodeName: string, report: CheckedReport, sampledAtMs: number, puller: string): number {
    const before = this.#reports.get(nodeName);
    const nodeOlderMs = (report.nodeOlderByUsec ?? 0) / 1000;
    const held = this.#hold(nodeName, report, sampledAtMs - nodeOlderMs);
    held.puller = puller;
    const samples = new PulledSamples(held, sampledAtMs, nodeOlderMs);
    let unknown = 0;
    for (const pod of report.pods) {
      const entry = this.podObjects.get(pod.namespace, pod.name);
      // A kubelet's metrics name no UID: the pod of this name that the API server has scheduled there is meant.
      if (entry === undefined || entry.nodeName !== nodeName) unknown += 1;
      else this.#take(entry, samples.timeOf(entry, pod), pod);
    }
    for (const ended of keepEarlier(held, samples.others(), before)) this.#end(ended);
    return unknown;
  }

  /** Whether there is a report of this node that is not too old to be served. */
  hasReport(nodeName: string): boolean {
    const report = this.#reports.get(nodeName);
    return report !== undefined && report.freshUntilMs >= this.#options.monotonicMs();
  }

  /** The last report of this node, until it is forgotten. */
  latest(nodeName: string): HeldReport | undefined {
    return this.#reports.get(nodeName);
  }

  /** Forgets nodes that have been silent for too long, as reads do before; follows a wall clock that was set forward. */
  expire(): void {
    const [wallMs, nowMs] = [this.#options.wallMs(), this.#options.monotonicMs()];
    for (const [name, report] of this.#reports) {
      if (report.freshUntilMs >= nowMs) {
        this.#timestamps.follow(name, report, wallMs, nowMs);
        for (const ended of expired(report, nowMs)) this.#end(ended);
      } else {
        this.#reports.delete(name);
        this.#timestamps.next(name, newestMs(report));
        this.#end(report);
      }
    }
    const isKnown = (name: string) => this.nodeObjects.get('', name) !== undefined;
    this.#timestamps.forget((name) => isKnown(name) || this.#reports.has(name));
  }

  /** Tells of each change from now on. @returns what ends it */
  listen(listener: ChangeListener): () => void {
    return this.#changes.listen(listener);
  }

  size(): SnapshotSize {
    const size = { nodes: this.#reports.size, pods: 0, containers: 0 };
    for (const report of this.#reports.values()) {
      const { pods, containers } = report.served();
      size.pods += pods;
      size.containers += containers;
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
    const nowMs = this.#options.monotonicMs();
    return (entry) => {
      // Every entry that a reader has is one of ours.
      const { running, sample } = entry as HeldEntry;
      return running && sample !== undefined && !sample.time.ended && sample.time.freshUntilMs >= nowMs
        ? sample
        : undefined;
    };
  }

  knowsSwap(): boolean {
    return this.#knowingSwap > 0;
  }

  revision(): number {
    return this.#changes.nextRevision();
  }

  #present(entry: HeldEntry | undefined): Entry | Absence {
    if (entry === undefined || !entry.running) return 'unknown';
    return this.samplesNow()(entry) === undefined ? 'no-metrics' : entry;
  }

  #hold(nodeName: string, report: CheckedReport, sampledAtMs: number, atMs = sampledAtMs): HeldReport {
    const { monotonicMs, wallMs, swap, silenceMs: leastMs } = this.#options;
    const nowMs = monotonicMs();
    const timestampMs = this.#timestamps.next(nodeName, atMs);
    const held = new HeldReport(timestampMs, nowMs, sampledAtMs - wallMs() + nowMs);
    held.periodMs = periodMs(report);
    held.freshUntilMs = nowMs + Math.max(leastMs, silentPeriods * held.periodMs);
    held.knowsSwap = swap && knowsSwap(report);
    this.#reports.set(nodeName, held);
    if (held.knowsSwap) this.#knowingSwap += 1;
    held.node = report.node;
    const node = this.nodeObjects.get('', nodeName);
    if (node !== undefined) this.#claimNode(node);
    return held;
  }

  #claimNode(entry: HeldEntry): void {
    const held = this.#reports.get(entry.name);
    if (held?.node !== undefined && entry.sample?.time !== held) {
      const { windowUsec } = held.node;
      this.#take(entry, held, { windowUsec, containers: [{ name: '', ...held.node }] });
    }
  }

  /** What the node has said of a pod before the watch did. */
  #claimPod(entry: HeldEntry): void {
    const held = this.#reports.get(entry.nodeName);
    const waiting = held?.unclaimed.get(entry.nodeUid);
    if (held === undefined || waiting === undefined || !isThatPod(entry, entry.nodeName, waiting.pod)) return;
    held.unclaimed.delete(entry.nodeUid);
    this.#take(entry, held, waiting.pod);
  }

  #take(entry: HeldEntry, time: HeldReport, { windowUsec, containers }: Measured): void {
    const before = entry.present ? entry.labels : undefined;
    const names = this.#names.of(containers, entry.sample?.names);
    entry.hold(time, windowUsec, names, containers, this.#options.swap);
    entry.revision = this.#changes.nextRevision();
    time.entries.push(entry);
    this.#changes.tell(entry, before);
  }

  #end(report: HeldReport): void {
    const left = report.entries.filter((entry) => entry.present && entry.sample?.time === report);
    report.ended = true;
    if (report.knowsSwap) this.#knowingSwap -= 1;
    for (const entry of left) {
      entry.revision = this.#changes.nextRevision();
      this.#changes.tell(entry, entry.labels);
    }
    // An entry that is not reported any more keeps its last report: that must not keep others in turn.
    report.entries.length = 0;
    report.unclaimed.clear();
    report.node = undefined;
    for (const other of report.others) this.#end(other);
  }
}
