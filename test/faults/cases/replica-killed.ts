import { oldestMs } from '../site/ages.ts';
import type { Measured } from '../site/main.ts';
import { freshMs, startSite } from '../site/site.ts';

const wholeMs = 2_000;

/** A replica is killed, three times: the other has all nodes in every answer, and its successor has them at once. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite();
  const { reading } = site;
  const fromMs = Date.now();
  let last = 'b';
  for (const name of ['c', 'd', 'e']) {
    await site.killReplica(site.replica(last));
    await site.startReplica(name);
    const tookMs = await reading.until(`${name} has all nodes`, 30_000, () => {
      return reading.latest(name)?.nodes.size === 3;
    });
    measured(`${name}: whole after it listened, ms`, tookMs, wholeMs);
    last = name;
  }
  for (const node of ['n1', 'n2', 'n3']) {
    measured(`${node} on a: oldest, ms`, oldestMs(reading.reads, node, { replica: 'a', fromMs }), freshMs);
  }
}
