import { setTimeout as sleep } from 'node:timers/promises';
import { serverName } from '../../one-machine/credentials.ts';
import { listenSilently } from '../../stand-ins/silent-peer.ts';
import { oldestMs } from '../site/ages.ts';
import type { Measured } from '../site/main.ts';
import { routerAddress } from '../site/network.ts';
import { freshMs, startSite } from '../site/site.ts';

const watchedMs = 30_000;
/** An agent gives a peer so long for the first word. */
const answerMs = 5_000;
const agents = 3;

/** Replicas that accept and say nothing, at each stage at which one may fall silent, cost nobody anything. */
export async function run(measured: Measured): Promise<void> {
  await using site = await startSite();
  const pair = await site.apiserver.pki.servingCa.issueServing([serverName]);
  const peers = await Promise.all(
    (['tcp', 'tls', 'http2'] as const).map((stage) => listenSilently(stage, routerAddress, pair)),
  );
  const fromMs = Date.now();
  for (const { port, stage } of peers) site.tellOf(stage, routerAddress, port);
  await sleep(watchedMs);
  const tookMs = Date.now() - fromMs;
  for (const node of ['n1', 'n2', 'n3']) {
    measured(`${node}: oldest, ms`, oldestMs(site.reading.reads, node, { fromMs }), freshMs);
  }
  for (const { seen, stage } of peers) {
    const most = agents * (Math.floor(tookMs / answerMs) + 1);
    measured(`silent after ${stage}: attempts`, seen.connections, most, 2 * agents);
    measured(`silent after ${stage}: at once`, seen.mostAtOnce, agents, 1);
    measured(`silent after ${stage}: longest, ms`, seen.longestMs, answerMs + 1_000, 1);
  }
  for (const { close } of peers) close();
}
