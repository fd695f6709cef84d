import { Counter, collectDefaultMetrics, exponentialBuckets, Registry } from 'prom-client';
import { CertificateMetrics } from './certificate-metrics.ts';
import { countersOf, gaugeOf } from './counted.ts';
import { addPullMetrics, type PullFigures } from './pull-metrics.ts';
import { type InFlightPeaks, RequestMetrics } from './request-metrics.ts';
import { WeightedHistogram } from './weighted-histogram.ts';

/** How much the snapshot holds. */
export interface Held {
  readonly nodes: number;
  readonly pods: number;
  readonly containers: number;
}

/** Where the values come from that are only asked for when somebody looks. All of them are cheap. */
export interface MetricSources {
  readonly held: () => Held;
  /** Nodes of the cluster without a report that is fresh enough to be served. */
  readonly silentNodes: () => number;
  readonly agentStreams: () => number;
  /** How often agents are asked to report. */
  readonly reportPeriodMs: () => number;
  /** The same as it was set: --metric-resolution. */
  readonly usualPeriodMs: () => number;
  readonly watches: () => number;
  /** By result, each a whole report. */
  readonly reports: () => Readonly<Record<'accepted' | 'overtaken' | 'refused', number>>;
  /** What agents sent and was refused, whole or in part, by reason. */
  readonly refusals: () => readonly {
    readonly reason: string;
    readonly class: string;
    readonly count: number;
  }[];
  readonly pull: PullFigures;
  readonly inFlightPeaks: () => InFlightPeaks;
  readonly handshakeErrors: () => number;
}

/** As metrics-server's pkg/api/monitoring.go: twenty bounds from 1 s, each 1.364 times the last, up to about 6 min. */
const freshnessBuckets = exponentialBuckets(1, 1.364, 20);
/** Often enough to see what a read of the whole cluster does to the others, at 50 wake-ups a second. */
const eventLoopResolutionMs = 20;

/** The aggregator's own metrics, in a registry of their own. */
export class OwnMetrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly requests: RequestMetrics;
  readonly certificates: CertificateMetrics;
  /** Age of what is read, in seconds, one observation for each item. */
  readonly freshness: WeightedHistogram;
  readonly #registry = new Registry();
  readonly #authentications: Counter;
  readonly #accessReviews: Counter;

  constructor(sources: MetricSources) {
    const register = this.#registry;
    const registers = [register];
    this.requests = new RequestMetrics(register, sources.inFlightPeaks);
    this.certificates = new CertificateMetrics(register);
    this.freshness = new WeightedHistogram(register, {
      name: 'metrics_server_api_metric_freshness_seconds',
      help: 'Age of each item when it is read: the time since its sample.',
      buckets: freshnessBuckets,
    });
    this.#authentications = new Counter({
      name: 'authentication_attempts',
      help: 'Attempts to find out who asks, by result.',
      labelNames: ['result'],
      registers,
    });
    this.#accessReviews = new Counter({
      name: 'tacho_access_review_lookups_total',
      help: 'Questions whether a user may, by where the answer came from: remembered (hit) or asked for (miss).',
      labelNames: ['result'],
      registers,
    });
    addClusterMetrics(register, sources);
    addPullMetrics(register, sources.pull);
    collectDefaultMetrics({ register, eventLoopMonitoringPrecision: eventLoopResolutionMs });
  }

  /** Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** @param result as Kubernetes calls it: success, failure (nobody it knows) or error */
  authenticated(result: 'success' | 'failure' | 'error'): void {
    this.#authentications.inc({ result });
  }

  accessReviewed(result: 'hit' | 'miss'): void {
    this.#accessReviews.inc({ result });
  }
}

function addClusterMetrics(register: Registry, sources: MetricSources): void {
  const { held, silentNodes, agentStreams, watches, reports, refusals } = sources;
  const heldHelp = (what: string) => `${what} whose latest report is held.`;
  gaugeOf(register, { name: 'tacho_snapshot_nodes', help: heldHelp('Nodes') }, () => held().nodes);
  gaugeOf(register, { name: 'tacho_snapshot_pods', help: heldHelp('Pods') }, () => held().pods);
  gaugeOf(
    register,
    { name: 'tacho_snapshot_containers', help: heldHelp('Containers') },
    () => held().containers,
  );
  gaugeOf(
    register,
    {
      name: 'tacho_nodes_silent',
      help: 'Nodes of the cluster of which there is no report that is fresh enough to be served.',
    },
    silentNodes,
  );
  gaugeOf(register, { name: 'tacho_agent_streams', help: 'Streams of agents that are open.' }, agentStreams);
  gaugeOf(
    register,
    {
      name: 'tacho_report_period_seconds',
      help: 'How often agents are asked to report: longer than --metric-resolution while the aggregator cannot keep up.',
    },
    () => sources.reportPeriodMs() / 1000,
  );
  gaugeOf(
    register,
    { name: 'tacho_metric_resolution_seconds', help: 'How often agents are to report: --metric-resolution.' },
    () => sources.usualPeriodMs() / 1000,
  );
  gaugeOf(register, { name: 'tacho_watches', help: 'Watches of clients that are open.' }, watches);
  countersOf(
    register,
    {
      name: 'apiserver_tls_handshake_errors_total',
      help: 'Peers that did not get through the TLS handshake.',
    },
    () => [[{}, sources.handshakeErrors()]],
  );
  countersOf(
    register,
    { name: 'tacho_reports_total', help: 'Reports of agents, by what became of them.', labels: ['result'] },
    () => Object.entries(reports()).map(([result, count]) => [{ result }, count] as const),
  );
  countersOf(
    register,
    {
      name: 'tacho_reports_refused_total',
      help: 'What agents sent and was refused, by reason: calls, whole reports, and single pods of a report.',
      labels: ['class', 'reason'],
    },
    () => refusals().map(({ count, class: its, reason }) => [{ class: its, reason }, count] as const),
  );
}
