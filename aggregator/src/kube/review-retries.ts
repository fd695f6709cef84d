import { KubeApiError } from './kube-client.ts';

/** What waiting between two attempts needs. */
export interface RetryDeps {
  /** Rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** From 0 up to 1. */
  readonly random: () => number;
}

const attempts = 5;
const firstWaitMs = 500;
const waitFactor = 1.5;
const jitter = 0.2;

/**
 * Calls until it answers, as API servers ask for reviews: five times at most, half a second apart at first and half as
 * long again each time, where the failure is likely to pass.
 * @throws the last failure
 */
export async function retriedReview<Answer>(
  call: () => Promise<Answer>,
  { sleep, random }: RetryDeps,
  signal: AbortSignal,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === attempts || signal.aborted || !mayPass(error)) throw error;
      const waitMs = firstWaitMs * waitFactor ** (attempt - 1) * (1 + jitter * random());
      const askedMs = error instanceof KubeApiError ? (error.retryAfterMs ?? 0) : 0;
      try {
        await sleep(Math.max(waitMs, askedMs), signal);
      } catch {
        // Why the last attempt failed says more than that time ran out.
        throw error;
      }
    }
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof KubeApiError) {
    return error.retryAfterMs !== undefined || [429, 500, 504].includes(error.status);
  }
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}
