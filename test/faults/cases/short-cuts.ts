import { oldestMs } from '../site/ages.ts';
import { cutLinks } from '../site/cut-links.ts';
import type { Measured } from '../site/main.ts';
import { freshMs, startSite } from '../site/site.ts';

/** Around the instants at which TCP sends again, streams are given up and attempts begin anew. */
const cutsMs = { n1: [2_000, 7_000], n2: [4_000, 9_000] };

/** Two nodes are cut off for shorter and longer: each comes back in time, the third notices nothing. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite();
  const fromMs = Date.now();
  await cutLinks(site, cutsMs, freshMs, measured);
  measured('n3: oldest, ms', oldestMs(site.reading.reads, 'n3', { fromMs }), freshMs);
}
