import { setTimeout as sleep } from 'node:timers/promises';
import { backAfterMs, oldestMs } from '../site/ages.ts';
import type { Measured } from '../site/main.ts';
import { freshMs, startSite } from '../site/site.ts';

const awayMs = 40_000;
/** Long enough for streams to end: they come back while nobody reviews their tokens. */
const cutMs = 11_000;
/** Pods, nodes, EndpointSlices and the trust that kube-apiserver publishes: each is said once. */
const followed = 4;
const cannotFollow = 'cannot follow objects, trying again';
const readyEveryMs = 500;

/** What replicas say to kube-apiserver vanishes: they serve on, know the agents that they knew, and recover by themselves. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite();
  const { apiserver, network, reading } = site;
  const apiPort = Number(new URL(apiserver.url).port);
  await reading.until('both replicas are ready', 60_000, async () => {
    const answers = await Promise.all(site.replicas.map(({ name }) => reading.ask(name, '/readyz')));
    return answers.every(({ status }) => status === 200);
  });
  const saidBefore = site.saidByReplicas(cannotFollow);
  const fromMs = Date.now();
  const heals = await Promise.all(site.replicas.map(({ place }) => network.hide(place, apiPort)));
  let unready = 0;
  const asking = setInterval(async () => {
    for (const { name } of site.replicas) {
      const { status } = await reading.ask(name, '/readyz').catch(() => ({ status: 0 }));
      if (status !== 200) unready += 1;
    }
  }, readyEveryMs);
  // Told of when they are back.
  const node = apiserver.store.get('nodes', 'n1');
  if (node === undefined) throw new Error('there is no n1');
  apiserver.store.update('nodes', { ...node, metadata: { ...node.metadata, labels: { seen: 'yes' } } });
  const healLink = await network.lose(site.node('n3').place);
  await sleep(cutMs);
  const linkedMs = Date.now();
  await healLink();
  await sleep(fromMs + awayMs - Date.now());
  const backMs = performance.now();
  for (const heal of heals) await heal();
  for (const { name } of site.replicas) {
    await reading.until(`${name} knows what has changed`, 120_000, async () => {
      const { body } = await reading.ask(name, '/apis/metrics.k8s.io/v1/nodes?labelSelector=seen%3Dyes');
      return (JSON.parse(body) as { items: unknown[] }).items.length === 1;
    });
    measured(`${name}: in step again after, ms`, performance.now() - backMs, 15_000);
  }
  clearInterval(asking);
  measured('answers of /readyz other than 200', unready, 0);
  for (const name of ['n1', 'n2']) {
    measured(`${name}: oldest, ms`, oldestMs(reading.reads, name, { fromMs }), freshMs);
  }
  measured('n3: back after, ms', backAfterMs(reading.reads, 'n3', freshMs, { fromMs: linkedMs }), freshMs);
  const said = site.saidByReplicas(cannotFollow) - saidBefore;
  measured('lines that say so', said, site.replicas.length * followed, 1);
}
