import { setTimeout as sleep } from 'node:timers/promises';
import { backAfterMs } from './ages.ts';
import type { Measured } from './main.ts';
import type { Site } from './site.ts';

/** Cuts each node's link for one length after the other, all nodes at once, and measures when each is back on each replica. */
export async function cutLinks(
  site: Site,
  cutsMs: Readonly<Record<string, readonly number[]>>,
  freshMs: number,
  measured: Measured,
): Promise<void> {
  const cutOff = async (node: string, lengthsMs: readonly number[]) => {
    for (const cutMs of lengthsMs) {
      const heal = await site.network.lose(site.node(node).place);
      await sleep(cutMs);
      const fromMs = Date.now();
      await heal();
      await sleep(2 * freshMs);
      for (const replica of ['a', 'b']) {
        const backMs = backAfterMs(site.reading.reads, node, freshMs, { replica, fromMs });
        measured(`${node} on ${replica}: back after a cut of ${cutMs} ms, ms`, backMs, freshMs);
      }
    }
  };
  await Promise.all(Object.entries(cutsMs).map(([node, lengthsMs]) => cutOff(node, lengthsMs)));
}
