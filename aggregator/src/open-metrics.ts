import type { Sample } from './api/measured/entry.ts';
import type { IngestServer } from './ingest/ingest-server.ts';
import type { Refusals } from './ingest/refusals.ts';
import { OwnMetrics } from './metrics/own-metrics.ts';
import type { ApiServer, ApiServerDeps } from './serving/api-server.ts';
import type { Snapshot } from './snapshot/snapshot.ts';

/** The parts that are measured; those that are made later are asked for when somebody looks. */
export interface MeasuredParts {
  readonly snapshot: Snapshot;
  readonly refusals: Refusals;
  readonly api: () => Pick<ApiServer, 'load'>;
  readonly ingest: () => Pick<IngestServer, 'streams'>;
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
export function openMetrics({ snapshot, refusals, api, ingest, wallMs }: MeasuredParts): OpenMetrics {
  let accepted = 0;
  let handshakeErrors = 0;
  const metrics = new OwnMetrics({
    held: () => snapshot.size(),
    silentNodes: () => silentNodes(snapshot),
    agentStreams: () => ingest().streams,
    watches: () => api().load.watches,
    reports: () => ({ accepted, refused: refusals.reports }),
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

function silentNodes(snapshot: Snapshot): number {
  let silent = 0;
  for (const run of snapshot.nodeObjects.runs()) {
    for (const { name } of run) if (!snapshot.hasReport(name)) silent += 1;
  }
  return silent;
}
