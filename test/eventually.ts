import { setTimeout as sleep } from 'node:timers/promises';

/** How often a state that must come is looked at, and after how much time each. */
interface Looks {
  readonly tries?: number;
  readonly everyMs?: number;
}

/**
 * Looks again until an assertion holds. Counts looks, not time: a machine that stands still for seconds costs one of them,
 * where a limit in time would have passed before what was waited for could be heard.
 * @throws what the last look has thrown
 */
export async function eventually<Outcome>(
  assertion: () => Outcome | Promise<Outcome>,
  { tries = 2_000, everyMs = 5 }: Looks = {},
): Promise<Outcome> {
  for (let made = 1; ; made += 1) {
    try {
      return await assertion();
    } catch (error) {
      if (made === tries) throw error;
    }
    await sleep(everyMs);
  }
}
