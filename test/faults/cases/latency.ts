import { setTimeout as sleep } from 'node:timers/promises';
import { oldestMs } from '../site/ages.ts';
import type { Measured } from '../site/main.ts';
import { freshMs, startSite } from '../site/site.ts';
import { TrueAges } from '../site/true-ages.ts';

const delayMs = 500;
const watchedMs = 40_000;
/** How far off the true age of a node may be. */
const exactMs = 200;

/** One node is half a second away: its data are as old as they are, and its streams stay. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite({ delaysMs: { n1: delayMs } });
  const said = () =>
    ['stream to aggregator ended', 'stream to aggregator is open'].map((what) =>
      site.saidByAgent('n1', what),
    );
  const [endedBefore = 0, openBefore = 0] = said();
  const fromMs = Date.now();
  const ages = ['n1', 'n2'].map((node) => new TrueAges(site, node));
  while (Date.now() < fromMs + watchedMs) {
    for (const each of ages) await each.look();
    await sleep(500);
  }
  for (const replica of ['a', 'b']) {
    for (const node of ['n1', 'n2', 'n3']) {
      measured(
        `${node} on ${replica}: oldest, ms`,
        oldestMs(site.reading.reads, node, { replica, fromMs }),
        freshMs,
      );
    }
    for (const each of ages) each.measure(measured, replica, exactMs);
  }
  const [ended = 0, open = 0] = said();
  measured('n1: streams that ended', ended - endedBefore, 0);
  measured('n1: streams that were opened anew', open - openBefore, 0);
}
