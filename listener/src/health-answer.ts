/** Why something is not well; undefined when it is. Everybody may read it: no address, name or other program's words. */
export type HealthCheck = () => string | undefined;

/** Checks by their names, in the order in which they are listed. */
export interface Health {
  /** Whether the process is worth keeping. */
  readonly live: Readonly<Record<string, HealthCheck>>;
  /** Whether it does its work, beyond being alive. */
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
