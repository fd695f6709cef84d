import { setTimeout as sleep } from 'node:timers/promises';

export interface Waiting {
  readonly atMostMs: number;
  readonly signal: AbortSignal;
  readonly everyMs?: number;
}

/**
 * Asks until the answer is undefined, which means that nothing is missing any more; any other answer is a sentence on
 * what still is. An error of `missing` ends the wait at once. @throws with the last answer when the time is over
 */
export async function waitWhileMissing(
  what: string,
  missing: () => Promise<string | undefined> | string | undefined,
  { atMostMs, signal, everyMs = 200 }: Waiting,
): Promise<void> {
  const startMs = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const still = await missing();
    if (still === undefined) return;
    if (performance.now() - startMs > atMostMs)
      throw new Error(`${what}: not so within ${Math.round(atMostMs / 1000)} s: ${still}`);
    await sleep(everyMs, undefined, { signal });
  }
}
