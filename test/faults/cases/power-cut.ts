import { oldestMs } from '../site/ages.ts';
import type { Measured } from '../site/main.ts';
import { freshMs, startSite } from '../site/site.ts';

/** The aggregator looks every 5 s whether something was heard, and ends a connection at the third time that it was not. */
const mostSilentMs = 20_000;

/** Two nodes lose their power; one comes back at once. What they leave half open costs nobody anything and is cleaned up. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite();
  const { reading } = site;
  const fromMs = Date.now();
  await Promise.all(['n1', 'n2'].map((name) => site.powerOff(site.node(name))));
  const offAtMs = performance.now();
  const { agent } = await site.startNode('n1');
  await agent.logged('stream to aggregator is open');
  const openMs = Date.now();
  const heardMs = await reading.until('the new agent is heard by both', 20_000, () =>
    ['a', 'b'].every((replica) => (reading.latest(replica)?.nodes.get('n1') ?? 0) > openMs - 1_000),
  );
  measured('n1: heard after its first stream was open, ms', heardMs, 2_000);
  for (const { name, place: of, ports } of site.replicas) {
    // One of n3, one of the new agent.
    await reading.until('the old streams are closed', 60_000, async () => {
      return (await site.network.connections(of, 'established', ports.ingest)) === 2;
    });
    measured(`${name}: old streams closed after, ms`, performance.now() - offAtMs, mostSilentMs + 2_000);
  }
  measured('n3: oldest, ms', oldestMs(reading.reads, 'n3', { fromMs }), freshMs);
}
