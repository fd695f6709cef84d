import { setTimeout as sleep } from 'node:timers/promises';
import { backAfterMs, oldestMs } from '../site/ages.ts';
import type { Measured } from '../site/main.ts';
import { freshMs, startSite } from '../site/site.ts';

const cutMs = 13_000;

/** One node is heard by nobody, another hears nobody: each is back in time, the third notices nothing. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite();
  const { network, reading } = site;
  const fromMs = Date.now();
  const heals = [
    await network.lose(site.node('n1').place, { way: 'from' }),
    await network.lose(site.node('n2').place, { way: 'to' }),
  ];
  await sleep(cutMs);
  const healedAtMs = Date.now();
  for (const heal of heals) await heal();
  await sleep(2 * freshMs);
  for (const replica of ['a', 'b']) {
    for (const node of ['n1', 'n2']) {
      const backMs = backAfterMs(reading.reads, node, freshMs, { replica, fromMs: healedAtMs });
      measured(`${node} on ${replica}: back after, ms`, backMs, freshMs);
    }
    measured(`n3 on ${replica}: oldest, ms`, oldestMs(reading.reads, 'n3', { replica, fromMs }), freshMs);
  }
}
