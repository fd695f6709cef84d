import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

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
}

/** Seldom: each is a wake-up, on every node, from the first scrape on. */
const eventLoopResolutionMs = 500;

/** prom-client lists the process's descriptors for each text, and nothing bounds how often somebody asks. */
const keptUsec = 1_000_000;

/**
 * The agent's own metrics. No name of a pod is in them: the port is open to whoever the network lets through. A text
 * younger than a second is told again.
 */
export function createAgentMetrics(
  facts: () => MetricFacts,
  monotonicUsec: () => number,
): { text(): Promise<string> } {
  const registers = [new Registry()];
  const [register] = registers;
  if (register === undefined) throw new TypeError('no registry');
  // Looked at once for a text, not once for each of its metrics.
  let shown = facts();
  const gauge = (name: string, help: string, read: (facts: MetricFacts) => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read(shown));
      },
    });
  const counter = (name: string, help: string, read: (facts: MetricFacts) => number) =>
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(read(shown));
      },
    });
  new Gauge({
    ...{ name: 'tacho_agent_info', help: 'Always 1.', labelNames: ['version', 'cgroup_mode'], registers },
    collect() {
      this.set({ version: shown.version, cgroup_mode: shown.cgroupMode }, 1);
    },
  });
  counter('tacho_agent_ticks_total', 'How often the node was read.', ({ ticks }) => ticks);
  counter('tacho_agent_tick_seconds_total', 'Time that reading has taken.', ({ tickSeconds }) => tickSeconds);
  gauge('tacho_agent_tick_age_seconds', 'Since the node was read last.', (each) => each.lastTickAgeSeconds);
  gauge('tacho_agent_period_seconds', 'How often it is read by now.', ({ periodSeconds }) => periodSeconds);
  counter('tacho_agent_reports_total', 'Reports handed to the streams.', ({ reports }) => reports);
  gauge('tacho_agent_pods', 'Pods in the last report.', ({ podsReported }) => podsReported);
  gauge('tacho_agent_containers', 'Containers in the last report.', (each) => each.containersReported);
  gauge('tacho_agent_pods_left_out', 'Pods with a container that has no value.', (each) => each.podsLeftOut);
  gauge('tacho_agent_unnamed_cgroups', 'Containers without a name, sandboxes too.', ({ unnamed }) => unnamed);
  gauge('tacho_agent_replicas', 'Replicas of the aggregator that are known.', ({ replicas }) => replicas);
  gauge(
    'tacho_agent_replicas_connected',
    'Of them those with an open stream.',
    (each) => each.replicasConnected,
  );
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: eventLoopResolutionMs });
  let kept: { readonly text: Promise<string>; readonly madeUsec: number } | undefined;
  return {
    text: () => {
      const nowUsec = monotonicUsec();
      if (kept === undefined || nowUsec - kept.madeUsec >= keptUsec) {
        shown = facts();
        kept = { text: register.metrics(), madeUsec: nowUsec };
      }
      return kept.text;
    },
  };
}
