import type { Sample } from './api/measured/entry.ts';
import type { AskedPeriod } from './ingest/asked-period.ts';
import type { IngestServer } from './ingest/ingest-server.ts';
import type { Refusals } from './ingest/refusals.ts';
import { OwnMetrics } from './metrics/own-metrics.ts';
import type { Pulling } from './open-pulling.ts';
import type { ApiServer, ApiServerDeps } from './serving/api-server.ts';
import type { Snapshot } from './snapshot/snapshot.ts';

/** The parts that are measured; those that are made later are asked for when somebody looks. */
export interface MeasuredParts {
  readonly snapshot: Snapshot;
  readonly refusals: Refusals;
  readonly asked: Pick<AskedPeriod, 'periodMs' | 'usualPeriodMs'>;
  /** Undefined where no node is to be pulled. */
  readonly pulling: Pulling | undefined;
  readonly api: () => Pick<ApiServer, 'load'>;
  readonly ingest: () => Pick<IngestServer, 'connections'>;
  readonly wallMs: () => number;
}

/** The aggregator's own metrics, and what tells them of events. */
export interface OpenMetrics {
  readonly metrics: OwnMetrics;
  readonly observer: ApiServerDeps['observer'];
  /** Of each sample that is served. */
  readonly served: (sample: Sample, nowMs?: number) => void;
  /** Of each report that is taken. */
  readonly accepted: () => void;
}

/** Joins the metrics with what they measure. */
export function openMetrics(parts: MeasuredParts): OpenMetrics {
  const { snapshot, refusals, asked, pulling, api, ingest, wallMs } = parts;
  let accepted = 0;
  let handshakeErrors = 0;
  const metrics = new OwnMetrics({
    held: () => snapshot.size(),
    silentNodes: () => silentNodes(snapshot),
    pull: {
      nodes: () => nodesBySource(snapshot),
      wanted: () => pulling?.nodes.all().length ?? 0,
      streams: () => pulling?.pullers.all().length ?? 0,
      problems: () => pulling?.tries.problems() ?? [],
    },
    agentStreams: () => ingest().connections().length,
    reportPeriodMs: () => asked.periodMs,
    usualPeriodMs: () => asked.usualPeriodMs,
    watches: () => api().load.watches,
    reports: () => ({ accepted, refused: refusals.reports, overtaken: overtaken(refusals) }),
    refusals: () => refusals.counts(),
    inFlightPeaks: () => api().load.peaks,
    handshakeErrors: () => handshakeErrors,
  });
  return {
    metrics,
    observer: {
      answered: (kind, code, seconds) => metrics.requests.answered(kind, code, seconds),
      limited: (reason) => metrics.requests.refused(reason),
      handshakeFailed: () => {
        handshakeErrors += 1;
      },
    },
    served: ({ time }, nowMs = wallMs()) => metrics.freshness.observe((nowMs - time.timestampMs) / 1000),
    accepted: () => {
      accepted += 1;
    },
  };
}

function overtaken(refusals: Refusals): number {
  return refusals.counts().find(({ reason }) => reason === 'report overtaken by a newer one')?.count ?? 0;
}

function nodesBySource(snapshot: Snapshot): { readonly agent: number; readonly puller: number } {
  const nodes = { agent: 0, puller: 0 };
  for (const run of snapshot.nodeObjects.runs()) {
    for (const { name } of run) {
      const held = snapshot.hasReport(name) ? snapshot.latest(name) : undefined;
      if (held !== undefined) nodes[held.puller === undefined ? 'agent' : 'puller'] += 1;
    }
  }
  return nodes;
}

function silentNodes(snapshot: Snapshot): number {
  let silent = 0;
  for (const run of snapshot.nodeObjects.runs()) {
    for (const { name } of run) if (!snapshot.hasReport(name)) silent += 1;
  }
  return silent;
}
