/** Why something is not well; undefined when it is. Everybody may read it: no address, name or other program's words. */
export type HealthCheck = () => string | undefined;

/** Checks by their names, in the order in which they are listed. */
export interface Health {
  /** Whether the process is worth keeping. */
  readonly live: Readonly<Record<string, HealthCheck>>;
  /** Whether the node is reported, beyond being alive. */
  readonly ready: Readonly<Record<string, HealthCheck>>;
}

export interface HealthAnswer {
  readonly status: 200 | 500;
  readonly body: string;
}

/**
 * Answers /livez, /readyz and single checks below them as Kubernetes' servers do: `ok`, or each check on a line of its own
 * where `verbose` asks for it or one fails. The list names no reasons; a single check tells its own.
 * @returns undefined for any other path
 */
export function answerHealth(path: string, isVerbose: boolean, health: Health): HealthAnswer | undefined {
  const [, root = '', name] = /^\/(livez|readyz)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (root === '') return undefined;
  const checks = root === 'readyz' ? { ...health.live, ...health.ready } : health.live;
  if (name !== undefined) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    return check && answerOne(check());
  }
  const results = Object.entries(checks).map(([each, check]) => ({ each, isWell: check() === undefined }));
  const isWell = results.every((result) => result.isWell);
  if (isWell && !isVerbose) return { status: 200, body: 'ok' };
  const lines = results.map((result) =>
    result.isWell ? `[+]${result.each} ok` : `[-]${result.each} failed: reason withheld`,
  );
  const body = `${[...lines, `${root} check ${isWell ? 'passed' : 'failed'}`].join('\n')}\n`;
  return { status: isWell ? 200 : 500, body };
}

function answerOne(reason: string | undefined): HealthAnswer {
  return reason === undefined
    ? { status: 200, body: 'ok' }
    : { status: 500, body: `internal server error: ${reason}\n` };
}

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
