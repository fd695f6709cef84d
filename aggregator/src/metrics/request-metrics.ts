import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** A request in the words that Kubernetes' API servers count it by; every value is of a closed list. */
export interface RequestLabels {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly scope: string;
}

/** The most requests at once during the last second. */
export interface InFlightPeaks {
  readonly reading: number;
  readonly mutating: number;
}

/** As apiserver's pkg/endpoints/metrics: dashboards divide by these bounds. */
const durationBuckets = [
  ...[0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60],
];
const labelNames = [
  ...['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component'],
] as const;

/** Requests under the names that dashboards of metrics-server know. */
export class RequestMetrics {
  readonly #total: Counter;
  readonly #duration: Histogram;
  readonly #refused: Counter;

  constructor(register: Registry, peaks: () => InFlightPeaks) {
    const registers = [register];
    this.#total = new Counter({
      name: 'apiserver_request_total',
      help: 'Requests answered, by verb, API group, version, resource, scope and HTTP status code.',
      labelNames: [...labelNames, 'code'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer, watches left out.',
      labelNames: [...labelNames],
      buckets: durationBuckets,
      registers,
    });
    this.#refused = new Counter({
      name: 'tacho_requests_refused_total',
      help: 'Requests and connections that a limit has ended or turned away, by the limit.',
      labelNames: ['reason'],
      registers,
    });
    new Gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'The most requests at once during the last second, watches left out.',
      labelNames: ['request_kind'],
      registers,
      collect() {
        const { reading, mutating } = peaks();
        this.set({ request_kind: 'readOnly' }, reading);
        this.set({ request_kind: 'mutating' }, mutating);
      },
    });
  }

  /** @param seconds undefined for a watch: it takes as long as its client stays */
  answered(request: RequestLabels, code: number, seconds: number | undefined): void {
    const { verb, group, version, resource, subresource, scope } = request;
    const dashboards = { dry_run: '', component: 'apiserver' };
    const labels = { verb, group, version, resource, subresource, scope, ...dashboards };
    this.#total.inc({ ...labels, code });
    if (seconds !== undefined) this.#duration.observe(labels, seconds);
  }

  /** @param reason of a closed list */
  refused(reason: string): void {
    this.#refused.inc({ reason });
  }
}
