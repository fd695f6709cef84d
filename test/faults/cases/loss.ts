import { setTimeout as sleep } from 'node:timers/promises';
import { oldestMs } from '../site/ages.ts';
import type { Measured } from '../site/main.ts';
import { freshMs, silenceMs, startSite } from '../site/site.ts';
import { TrueAges } from '../site/true-ages.ts';

const share = 0.3;
const lossMs = 50_000;
/**
 * Nor may a way on which the same report takes ten times as long make it look younger or older. A stream that has ended on such a
 * way and begins anew must have had one quick message each way before: until then the replica says that it is not certain.
 */
const exactMs = 200;

/** Three packets of ten are lost on one node's link, each way: its data come late, those of others do not. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite();
  const fromMs = Date.now();
  const heal = await site.network.lose(site.node('n1').place, { share });
  const ages = new TrueAges(site, 'n1');
  while (Date.now() < fromMs + lossMs) {
    await ages.look();
    await sleep(1_000);
  }
  await heal();
  const { reads } = site.reading;
  for (const replica of ['a', 'b']) {
    for (const node of ['n2', 'n3']) {
      measured(`${node} on ${replica}: oldest, ms`, oldestMs(reads, node, { replica, fromMs }), freshMs);
    }
    measured(`n1 on ${replica}: oldest, ms`, oldestMs(reads, 'n1', { replica, fromMs }), silenceMs + 1_000);
    ages.measure(measured, replica, exactMs, 2 * exactMs);
  }
  measured('n1: streams that ended', site.saidByAgent('n1', 'stream to aggregator ended'), 4);
}
