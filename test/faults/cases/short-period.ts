import { oldestMs } from '../site/ages.ts';
import { cutLinks } from '../site/cut-links.ts';
import type { Measured } from '../site/main.ts';
import { startSite } from '../site/site.ts';

const periodMs = 1_000;
const freshMs = periodMs + 2_000;
const cutsMs = { n1: [1_500, 2_500, 3_500, 5_000, 6_300] };
/** Of each packet, each way: what a stream must stand even if its sign of life is awaited within two seconds. */
const delayMs = 500;

/** The same at the shortest period, where everything must be five times as soon. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite({
    delaysMs: { n2: delayMs },
    replicaArgs: ['--metric-resolution=1s', '--window=2s'],
  });
  const { network, reading, replicas } = site;
  const fromMs = Date.now();
  const ended = () => site.saidByAgent('n1', 'stream to aggregator ended');
  const before = ended();
  const endedFarAway = () => site.saidByAgent('n2', 'stream to aggregator ended');
  const farAwayBefore = endedFarAway();
  const heal = await network.lose(site.node('n1').place);
  const foundMs = await reading.until('both streams have ended', 20_000, () => {
    return ended() >= before + replicas.length;
  });
  measured('dead replicas found after, ms', foundMs, 2 * periodMs + 1_000);
  await heal();
  await cutLinks(site, cutsMs, freshMs, measured);
  measured('n3: oldest, ms', oldestMs(reading.reads, 'n3', { fromMs }), freshMs);
  measured('n2: oldest, ms', oldestMs(reading.reads, 'n2', { fromMs }), freshMs + delayMs);
  measured('n2: streams that ended', endedFarAway() - farAwayBefore, 0);
}
