import { setTimeout } from 'node:timers/promises';
import type { Backend } from './backend.ts';
import type { User } from './tokens.ts';

/** The condition `Available` of an APIService. */
export interface Availability {
  available: boolean;
  reason: 'Passed' | 'FailedDiscoveryCheck';
  message: string;
}

/** As whom kube-apiserver's aggregation layer asks for itself. */
export const kubeAggregator: User = { username: 'system:kube-aggregator', groups: ['system:masters'] };

/** How many requests one probe makes at once; one good answer is enough. */
const attempts = 5;
const firstRetryMs = 5;

/** Asks a backend for one group version as kube-apiserver does; any 2xx counts, a redirect does not. */
export async function probe(backend: Backend, path: string, signal: AbortSignal): Promise<Availability> {
  const attempt = async () => {
    const { code } = await backend.ask(path, kubeAggregator, undefined, signal);
    if (code < 200 || code > 299) throw new Error(`bad status from ${new URL(path, backend.url)}: ${code}`);
  };
  try {
    await Promise.any(Array.from({ length: attempts }, attempt));
    return { available: true, reason: 'Passed', message: 'all checks passed' };
  } catch (error) {
    const cause: unknown = error instanceof AggregateError ? error.errors[0] : error;
    const message = `failing or missing response from ${new URL(path, backend.url)}: ${describe(cause)}`;
    return { available: false, reason: 'FailedDiscoveryCheck', message };
  }
}

/** Goes on probing, at the interval while it succeeds and with growing waits up to it while it fails. */
export async function keepProbing(
  ask: () => Promise<Availability>,
  report: (availability: Availability) => void,
  { first, intervalMs, signal }: { first: Availability; intervalMs: number; signal: AbortSignal },
): Promise<void> {
  let failures = first.available ? 0 : 1;
  while (!signal.aborted) {
    const waitMs = failures === 0 ? intervalMs : Math.min(intervalMs, firstRetryMs * 2 ** (failures - 1));
    try {
      await setTimeout(waitMs, undefined, { signal });
    } catch {
      return;
    }
    const availability = await ask();
    if (signal.aborted) return;
    report(availability);
    failures = availability.available ? 0 : failures + 1;
  }
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.name === 'AbortError' || cause.name === 'TimeoutError'
    ? 'context deadline exceeded'
    : cause.message;
}
