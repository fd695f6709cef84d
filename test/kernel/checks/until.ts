import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/** Waits until something holds. Returns how long that took, in ms. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  atMostMs: number,
): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    assert.ok(performance.now() - start < atMostMs, `${what}: not so within ${atMostMs} ms`);
    await wait(LOOK_EVERY_MS);
  }
  return performance.now() - start;
}
