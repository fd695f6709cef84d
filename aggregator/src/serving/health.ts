import type { ApiRequest, ApiResponse } from '../api/protocol/api-message.ts';
import { goQuote } from '../api/text/go-quote.ts';

/** Why something is not well; undefined when it is. The reason is shown only to who may read the check by itself. */
export type HealthCheck = () => string | undefined;

/** Checks by their names, in the order in which they are listed. */
export type HealthChecks = Readonly<Record<string, HealthCheck>>;

/** What each of the paths looks at: being alive, and beyond that being ready. */
export interface Health {
  readonly live: HealthChecks;
  readonly ready: HealthChecks;
}

export const healthPaths: readonly string[] = ['/healthz', '/livez', '/readyz'];

const headers = {
  'Cache-Control': 'no-cache, private',
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
};

/** Every path that respondHealth() answers, for the index. */
export function allHealthPaths(health: Health): readonly string[] {
  return healthPaths.flatMap((root) => [
    root,
    ...Object.keys(checksOf(root, health)).map((name) => `${root}/${name}`),
  ]);
}

/**
 * Answers a health path as Kubernetes' servers do, whatever the method: `ok`, or every check on its line where
 * `verbose` asks for it or one fails; below a path a single check.
 * @returns undefined when the path is none of these or names no check
 */
export function respondHealth(
  { path, query }: Pick<ApiRequest, 'path' | 'query'>,
  health: Health,
): ApiResponse | undefined {
  const root = healthPaths.find((each) => path === each || path.startsWith(`${each}/`));
  if (root === undefined) return undefined;
  const checks = checksOf(root, health);
  if (path === root) return respondAll(root, checks, query);
  const name = path.slice(root.length + 1);
  return Object.hasOwn(checks, name) ? respondOne(checks[name]) : undefined;
}

function checksOf(root: string, { live, ready }: Health): HealthChecks {
  return root === '/readyz' ? { ...live, ...ready } : live;
}

function respondOne(check: HealthCheck | undefined): ApiResponse {
  const reason = check?.();
  if (reason !== undefined) return { status: 500, headers, body: `internal server error: ${reason}\n` };
  const { 'X-Content-Type-Options': _, ...plain } = headers;
  return { status: 200, headers: plain, body: 'ok' };
}

function respondAll(root: string, checks: HealthChecks, query: URLSearchParams): ApiResponse {
  const excluded = new Set(query.getAll('exclude'));
  const outcomes = Object.entries(checks).map(([name, check]) => ({
    name,
    excluded: excluded.has(name),
    well: excluded.has(name) || check() === undefined,
  }));
  const healthy = outcomes.every(({ well }) => well);
  if (healthy && !query.has('verbose')) return { status: 200, headers, body: 'ok' };
  const lines = outcomes.map(({ name, well, excluded: left }) => {
    if (!well) return `[-]${name} failed: reason withheld`;
    return left ? `[+]${name} excluded: ok` : `[+]${name} ok`;
  });
  const unknown = [...excluded].filter((name) => !Object.hasOwn(checks, name)).sort();
  if (unknown.length > 0) {
    const names = unknown.map((name) => goQuote(name)).join(',');
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
  }
  lines.push(`${root.slice(1)} check ${healthy ? 'passed' : 'failed'}`, '');
  return { status: healthy ? 200 : 500, headers, body: lines.join('\n') };
}
