import type { Absence, NodeUsage, PodUsage, UsageReader } from '../api/usage-reader.ts';
import type { NodeIndex, NodeRecord } from '../kube/node-index.ts';
import type { PodIndex, PodRecord } from '../kube/pod-index.ts';
import type { CheckedPod, CheckedReport, CheckedUsage } from './checked-report.ts';

interface HeldPod {
  readonly usage: CheckedPod;
  served: { readonly record: PodRecord; readonly item: PodUsage } | undefined;
}

interface HeldReport {
  readonly timestampMs: number;
  readonly receivedMs: number;
  readonly node: CheckedUsage | undefined;
  /** By the UID that the node uses. */
  readonly pods: ReadonlyMap<string, HeldPod>;
  servedNode: { readonly record: NodeRecord; readonly item: NodeUsage } | undefined;
}

/** What the snapshot knows of the cluster, and its clock. */
export interface SnapshotDeps {
  readonly pods: PodIndex;
  readonly nodes: NodeIndex;
  readonly monotonicMs: () => number;
}

/**
 * The latest report of every node, and nothing older. What the API serves is joined when it is read: a node's word
 * counts only for itself and for pods that the API server has scheduled there, so a report that names a foreign pod
 * is never found. Items are made once per report and kept until the report or the object's labels change.
 */
export class Snapshot implements UsageReader {
  readonly #deps: SnapshotDeps;
  readonly #reports = new Map<string, HeldReport>();
  readonly #silenceMs: number;

  /** @param silenceMs how long after its arrival a report is still served when none follows */
  constructor(deps: SnapshotDeps, silenceMs: number) {
    this.#deps = deps;
    this.#silenceMs = silenceMs;
  }

  /** Takes a node's report in the place of its last one. A timestamp never goes back. */
  put(nodeName: string, report: CheckedReport, sampledAtMs: number): void {
    const before = this.#reports.get(nodeName);
    this.#reports.set(nodeName, {
      timestampMs: Math.max(sampledAtMs, before?.timestampMs ?? Number.NEGATIVE_INFINITY),
      receivedMs: this.#deps.monotonicMs(),
      node: report.node,
      pods: new Map(report.pods.map((usage) => [usage.uid, { usage, served: undefined }])),
      servedNode: undefined,
    });
  }

  /** Whether there is a report of this node that is not too old to be served. */
  hasReport(nodeName: string): boolean {
    return this.#freshReport(nodeName) !== undefined;
  }

  /** Forgets nodes that have been silent for too long; reads leave them out even before. */
  expire(): void {
    for (const [name, report] of this.#reports) if (!this.#isFresh(report)) this.#reports.delete(name);
  }

  nodes(): readonly NodeUsage[] {
    const items: NodeUsage[] = [];
    for (const record of this.#deps.nodes.all()) {
      const item = this.#nodeItem(record);
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  node(name: string): NodeUsage | Absence {
    const record = this.#deps.nodes.get(name);
    return record === undefined ? 'unknown' : (this.#nodeItem(record) ?? 'no-metrics');
  }

  pods(namespace: string | undefined): readonly PodUsage[] {
    const items: PodUsage[] = [];
    for (const each of namespace === undefined ? this.#deps.pods.namespaces() : [namespace]) {
      for (const record of this.#deps.pods.inNamespace(each)) {
        const item = this.#podItem(record);
        if (item !== undefined) items.push(item);
      }
    }
    return items;
  }

  pod(namespace: string, name: string): PodUsage | Absence {
    const record = this.#deps.pods.get(namespace, name);
    return record === undefined || !record.running ? 'unknown' : (this.#podItem(record) ?? 'no-metrics');
  }

  #isFresh(report: HeldReport): boolean {
    return this.#deps.monotonicMs() - report.receivedMs <= this.#silenceMs;
  }

  #freshReport(nodeName: string): HeldReport | undefined {
    const report = this.#reports.get(nodeName);
    return report !== undefined && this.#isFresh(report) ? report : undefined;
  }

  #nodeItem(record: NodeRecord): NodeUsage | undefined {
    const report = this.#freshReport(record.name);
    if (report?.node === undefined) return undefined;
    if (report.servedNode?.record !== record) {
      const { name, labels } = record;
      const item: NodeUsage = { name, labels, timestampMs: report.timestampMs, ...report.node };
      report.servedNode = { record, item };
    }
    return report.servedNode.item;
  }

  #podItem(record: PodRecord): PodUsage | undefined {
    if (!record.running) return undefined;
    const report = this.#freshReport(record.nodeName);
    const held = report?.pods.get(record.nodeUid);
    if (report === undefined || held === undefined) return undefined;
    const { namespace, name } = record;
    if (held.usage.name !== name || held.usage.namespace !== namespace) return undefined;
    if (held.served?.record !== record) {
      const { containers, windowUsec } = held.usage;
      const item: PodUsage = {
        namespace,
        name,
        labels: record.labels,
        timestampMs: report.timestampMs,
        windowUsec,
        containers,
      };
      held.served = { record, item };
    }
    return held.served.item;
  }
}
