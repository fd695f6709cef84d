import type { ApiResponse } from '../api/api-message.ts';

/** A condition of health by its name; true is well. */
export type HealthChecks = Readonly<Record<string, () => boolean>>;

export const healthPaths: readonly string[] = ['/healthz', '/livez', '/readyz'];

const headers = {
  'Cache-Control': 'no-cache, private',
  'Content-Type': 'text/plain; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
};

/** Answers a health path as Kubernetes servers do: `ok`, or every check on its line and 500 when one fails. */
export function respondHealth(path: string, checks: HealthChecks, verbose: boolean): ApiResponse {
  const outcomes = Object.entries(checks).map(([name, check]) => ({ name, well: check() }));
  const healthy = outcomes.every(({ well }) => well);
  if (healthy && !verbose) return { status: 200, headers, body: 'ok' };
  const lines = outcomes.map(({ name, well }) =>
    well ? `[+]${name} ok` : `[-]${name} failed: reason withheld`,
  );
  lines.push(`${path.slice(1)} check ${healthy ? 'passed' : 'failed'}`, '');
  return { status: healthy ? 200 : 500, headers, body: lines.join('\n') };
}
