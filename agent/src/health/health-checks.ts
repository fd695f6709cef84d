import type { Health } from '../../../listener/src/health-answer.ts';

/** What the checks look at. Instants are on the monotonic clock. */
export interface HealthFacts {
  readonly nowUsec: number;
  readonly periodUsec: number;
  /** Undefined before the first tick. */
  readonly lastTickUsec: number | undefined;
  readonly canName: boolean;
  readonly replicas: readonly { readonly connected: boolean }[];
}

/** A tick may be late on a busy node; three periods are what the aggregator waits before it drops the node. */
const mostPeriods = 3;
const whereReasonsAre = 'the agent’s log and its debug endpoint say why';

/** The agent's checks: ready is a node whose numbers reach somebody. */
export function agentHealth(facts: () => HealthFacts): Health {
  return {
    live: { ping: () => undefined },
    ready: {
      names: () => (facts().canName ? undefined : `containers cannot be named; ${whereReasonsAre}`),
      tick: () => tickProblem(facts()),
      replica: () => replicaProblem(facts()),
    },
  };
}

function tickProblem({ nowUsec, periodUsec, lastTickUsec }: HealthFacts): string | undefined {
  if (lastTickUsec === undefined) return 'the node has not been read yet';
  const ageUsec = nowUsec - lastTickUsec;
  if (ageUsec <= mostPeriods * periodUsec) return undefined;
  const seconds = (usec: number) => `${Math.round(usec / 1e5) / 10} s`;
  return `the node was read ${seconds(ageUsec)} ago, expected once each ${seconds(periodUsec)}`;
}

function replicaProblem({ replicas }: HealthFacts): string | undefined {
  if (replicas.some(({ connected }) => connected)) return undefined;
  return `no stream to an aggregator is open; ${whereReasonsAre}`;
}
