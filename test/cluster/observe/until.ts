import { setTimeout as sleep } from 'node:timers/promises';
import { errorWords } from '@tacho/command-line';

/**
 * Asks again until there is an answer.
 * @returns the answer and after how many seconds it came
 * @throws when there is none in time, with what the last attempt failed of
 */
export async function until<Value>(
  what: string,
  atMostSeconds: number,
  ask: () => Promise<Value | undefined | false> | Value | undefined | false,
  everyMs = 200,
): Promise<{ readonly value: Value; readonly seconds: number }> {
  const startMs = performance.now();
  let last = '';
  for (;;) {
    try {
      const value = await ask();
      if (value !== undefined && value !== false)
        return { value, seconds: (performance.now() - startMs) / 1000 };
      last = '';
    } catch (error) {
      last = `: ${errorWords(error)}`;
    }
    if (performance.now() - startMs > atMostSeconds * 1000) {
      throw new Error(`${what}: not so within ${atMostSeconds} s${last}`);
    }
    await sleep(everyMs);
  }
}
