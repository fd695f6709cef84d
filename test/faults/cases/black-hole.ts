import { setTimeout as sleep } from 'node:timers/promises';
import { backAfterMs, oldestMs } from '../site/ages.ts';
import type { Measured } from '../site/main.ts';
import { freshMs, periodMs, startSite } from '../site/site.ts';

const cutMs = 20_000;
const nodes = ['n1', 'n2', 'n3'];

/** What agents send to one replica vanishes, on streams that are open and for new ones: the other has everything. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite();
  const { network, reading } = site;
  const fromMs = Date.now();
  const ended = (node: string) => site.saidByAgent(node, 'stream to aggregator ended');
  const before = new Map(nodes.map((node) => [node, ended(node)]));
  const heal = await network.lose(site.replica('b').place);
  const foundMs = await reading.until('every agent has found out', 4 * periodMs, () =>
    nodes.every((node) => ended(node) > (before.get(node) ?? 0)),
  );
  measured('dead replica found after, ms', foundMs, 2 * periodMs + 1_000);
  while (Date.now() < fromMs + cutMs) {
    await sleep(1_000);
    for (const node of nodes) {
      const knocking = await network.connections(site.node(node).place, 'syn-sent');
      if (knocking > 1) measured(`${node}: attempts at once`, knocking, 1);
    }
  }
  const healedAtMs = Date.now();
  await heal();
  await sleep(2 * freshMs);
  for (const node of nodes) {
    measured(`${node} on a: oldest, ms`, oldestMs(reading.reads, node, { replica: 'a', fromMs }), freshMs);
    const backMs = backAfterMs(reading.reads, node, freshMs, { replica: 'b', fromMs: healedAtMs });
    measured(`${node} on b: back after, ms`, backMs, freshMs);
  }
}
