import { ToldMetrics } from '../../../listener/src/told-metrics.ts';

/** What the metrics tell, looked at when somebody scrapes. */
export interface MetricFacts {
  readonly version: string;
  readonly cgroupMode: string;
  readonly ticks: number;
  /** All of them together. */
  readonly tickSeconds: number;
  readonly lastTickAgeSeconds: number;
  readonly periodSeconds: number;
  readonly reports: number;
  readonly podsReported: number;
  readonly containersReported: number;
  /** Pods without a value that is whole. */
  readonly podsLeftOut: number;
  /** Cgroups of containers that nobody has named, sandboxes included. */
  readonly unnamed: number;
  readonly replicas: number;
  readonly replicasConnected: number;
  /** Attempts that failed among them. */
  readonly streamsEnded: number;
}

/** The agent's own metrics. No name of a pod is in them: the port is open to whoever the network lets through. */
export function createAgentMetrics(
  facts: () => MetricFacts,
  monotonicUsec: () => number,
): { text(): Promise<string> } {
  const told = new ToldMetrics(facts, monotonicUsec);
  told.info('tacho_agent_info', ['version', 'cgroup_mode'], ({ version, cgroupMode }) => ({
    version,
    cgroup_mode: cgroupMode,
  }));
  told.counter('tacho_agent_ticks_total', 'How often the node was read.', ({ ticks }) => ticks);
  told.counter(
    'tacho_agent_tick_seconds_total',
    'Time that reading has taken.',
    ({ tickSeconds }) => tickSeconds,
  );
  told.gauge(
    'tacho_agent_tick_age_seconds',
    'Since the node was read last.',
    (each) => each.lastTickAgeSeconds,
  );
  told.gauge(
    'tacho_agent_period_seconds',
    'How often it is read by now.',
    ({ periodSeconds }) => periodSeconds,
  );
  told.counter('tacho_agent_reports_total', 'Reports handed to the streams.', ({ reports }) => reports);
  told.gauge('tacho_agent_pods', 'Pods in the last report.', ({ podsReported }) => podsReported);
  told.gauge('tacho_agent_containers', 'Containers in the last report.', (each) => each.containersReported);
  told.gauge(
    'tacho_agent_pods_left_out',
    'Pods with a container that has no value.',
    (each) => each.podsLeftOut,
  );
  told.gauge(
    'tacho_agent_unnamed_cgroups',
    'Containers without a name, sandboxes too.',
    ({ unnamed }) => unnamed,
  );
  told.gauge(
    'tacho_agent_replicas',
    'Replicas of the aggregator that are known.',
    ({ replicas }) => replicas,
  );
  told.gauge(
    'tacho_agent_replicas_connected',
    'Of them those with an open stream.',
    (each) => each.replicasConnected,
  );
  told.counter(
    'tacho_agent_streams_ended_total',
    'Streams to replicas that ended, and attempts that failed.',
    ({ streamsEnded }) => streamsEnded,
  );
  return told.ofProcess();
}
