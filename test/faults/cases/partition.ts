import { setTimeout as sleep } from 'node:timers/promises';
import { backAfterMs, goneAtMs, oldestMs } from '../site/ages.ts';
import type { Measured } from '../site/main.ts';
import { freshMs, silenceMs, startSite } from '../site/site.ts';

const cutMs = 25_000;

/** One node is cut off for so long that it disappears: only that one. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite();
  const cutAtMs = Date.now();
  const heal = await site.network.lose(site.node('n1').place);
  await sleep(cutMs);
  const healedAtMs = Date.now();
  await heal();
  await sleep(2 * freshMs);
  const { reads } = site.reading;
  for (const replica of ['a', 'b']) {
    const look = { replica, fromMs: cutAtMs };
    for (const node of ['n2', 'n3'])
      measured(`${node} on ${replica}: oldest, ms`, oldestMs(reads, node, look), freshMs);
    const goneMs = (goneAtMs(reads, 'n1', look) ?? Number.NaN) - cutAtMs;
    // Counted from the last report, which came up to a period before.
    measured(`n1 on ${replica}: gone after, ms`, goneMs, silenceMs + 3_000, silenceMs - freshMs);
    const backMs = backAfterMs(reads, 'n1', freshMs, { replica, fromMs: healedAtMs });
    measured(`n1 on ${replica}: back after, ms`, backMs, freshMs);
  }
}
