import { ToldMetrics } from '../../../listener/src/told-metrics.ts';

/** What the metrics tell, looked at when somebody scrapes. */
export interface PullerFacts {
  readonly version: string;
  readonly nodes: number;
  /** Read when they were last tried. */
  readonly nodesRead: number;
  readonly podsLeftOut: number;
  /** Tries by what became of them: `read`, or why not. */
  readonly tries: ReadonlyMap<string, number>;
  /** Time that all tries took together, of which those of a second or more. */
  readonly trySeconds: number;
  readonly slowTries: number;
  /** Of all bodies. */
  readonly bytes: number;
  readonly replicas: number;
  readonly replicasConnected: number;
  /** Attempts that failed among them. */
  readonly streamsEnded: number;
}

/** The puller's own metrics. No name of a node or a pod is in them: the port is open to whoever the network lets through. */
export function createPullerMetrics(
  facts: () => PullerFacts,
  monotonicUsec: () => number,
): { text(): Promise<string> } {
  const told = new ToldMetrics(facts, monotonicUsec);
  told.info('tacho_puller_info', ['version'], ({ version }) => ({ version }));
  told.gauge('tacho_puller_nodes', 'Nodes that replicas ask for.', ({ nodes }) => nodes);
  told.gauge(
    'tacho_puller_nodes_read',
    'Of them those that the last try read.',
    ({ nodesRead }) => nodesRead,
  );
  told.gauge(
    'tacho_puller_pods_left_out',
    'Pods with a container that has no rate.',
    (each) => each.podsLeftOut,
  );
  told.counters(
    'tacho_puller_tries_total',
    'Tries to read a kubelet, by what became of them.',
    'outcome',
    ({ tries }) => tries,
  );
  told.counter(
    'tacho_puller_try_seconds_total',
    'Time that tries have taken.',
    ({ trySeconds }) => trySeconds,
  );
  told.counter('tacho_puller_slow_tries_total', 'Tries of a second or more.', ({ slowTries }) => slowTries);
  told.counter('tacho_puller_body_bytes_total', 'Bytes of kubelets’ answers.', ({ bytes }) => bytes);
  told.gauge(
    'tacho_puller_replicas',
    'Replicas of the aggregator that are known.',
    ({ replicas }) => replicas,
  );
  told.gauge(
    'tacho_puller_replicas_connected',
    'Of them those with an open stream.',
    (each) => each.replicasConnected,
  );
  told.counter(
    'tacho_puller_streams_ended_total',
    'Streams to replicas that ended, and attempts that failed.',
    ({ streamsEnded }) => streamsEnded,
  );
  return told.ofProcess();
}
