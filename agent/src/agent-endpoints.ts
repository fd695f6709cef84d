import type { Logger } from 'pino';
import { serveHealth } from '../../listener/src/health-server.ts';
import type { ListenAddress } from '../../listener/src/serve-until.ts';
import type { LatestReport } from '../../push/src/latest-report.ts';
import type { Replicas } from '../../push/src/replicas.ts';
import { serveDebug } from './debug/debug-server.ts';
import type { MetricFacts } from './health/agent-metrics.ts';
import { agentHealth } from './health/health-checks.ts';
import type { SeenContainer } from './sampling/seen-container.ts';
import type { TickRecord } from './sampling/tick-record.ts';
import type { AgentState } from './state/agent-state.ts';

/** Where the agent can be asked; undefined: nowhere. */
export interface EndpointAddresses {
  readonly debug: ListenAddress | undefined;
  readonly health: ListenAddress | undefined;
}

/** What the agent tells, and of what. */
export interface AgentEndpointsDeps {
  readonly log: Logger;
  readonly version: string;
  readonly cgroupMode: string;
  /** Of what is beside the agent: Node, the kernel. */
  readonly versions: Readonly<Record<string, string>>;
  readonly agentState: AgentState;
  readonly ticks: TickRecord;
  readonly latest: Pick<LatestReport, 'report'>;
  readonly replicas: Pick<Replicas, 'state' | 'ended'>;
  readonly containers: () => Iterable<SeenContainer>;
  /** Why nothing can be named at present; undefined when all is well. */
  readonly namesProblem: () => string | undefined;
  readonly periodUsec: () => number;
  readonly monotonicUsec: () => number;
  readonly recentLog: () => readonly string[];
}

/** Serves the debug endpoint and health until the signal says stop. Never rejects. */
export async function serveEndpoints(
  deps: AgentEndpointsDeps,
  { debug, health }: EndpointAddresses,
  signal: AbortSignal,
): Promise<void> {
  const serving: Promise<void>[] = [];
  if (debug !== undefined) serving.push(serveDebug(debugDeps(deps), debug, signal));
  if (health !== undefined) serving.push(serveHealth(healthDeps(deps), health, signal));
  await Promise.all(serving);
}

function debugDeps({ log, agentState, ticks, monotonicUsec, recentLog, versions }: AgentEndpointsDeps) {
  return {
    log: log.child({ component: 'debug' }),
    state: agentState.state.bind(agentState),
    pod: agentState.pod.bind(agentState),
    measured: agentState.measured.bind(agentState),
    pageFiles: async () => (await import('./debug/page/page-files.ts')).pageFiles(),
    monotonicUsec,
    onTick: (listener: () => void) => ticks.onTick(listener),
    recentLog,
    versions,
  };
}

function healthDeps({ log, ticks, latest, replicas, monotonicUsec, ...deps }: AgentEndpointsDeps) {
  const health = agentHealth(() => ({
    nowUsec: monotonicUsec(),
    periodUsec: deps.periodUsec(),
    lastTickUsec: ticks.lastBeganUsec,
    canName: deps.namesProblem() === undefined,
    replicas: replicas.state(),
  }));
  const facts = (): MetricFacts => {
    const streams = replicas.state();
    const pods = latest.report?.pods ?? [];
    return {
      version: deps.version,
      cgroupMode: deps.cgroupMode,
      ticks: ticks.ticks,
      tickSeconds: ticks.tookUsec / 1e6,
      lastTickAgeSeconds:
        ticks.lastBeganUsec === undefined ? 0 : (monotonicUsec() - ticks.lastBeganUsec) / 1e6,
      periodSeconds: deps.periodUsec() / 1e6,
      reports: ticks.reports,
      podsReported: pods.length,
      containersReported: pods.reduce((sum, { containers }) => sum + containers.length, 0),
      podsLeftOut: ticks.leftOut,
      unnamed: [...deps.containers()].filter(({ named }) => named === undefined).length,
      replicas: streams.length,
      replicasConnected: streams.filter(({ connected }) => connected).length,
      streamsEnded: replicas.ended,
    };
  };
  const loadMetrics = async () =>
    (await import('./health/agent-metrics.ts')).createAgentMetrics(facts, monotonicUsec);
  return { log: log.child({ component: 'health' }), health, loadMetrics };
}
