/** The aggregator's read path as a process of its own, told over IPC what to hold and when to look at itself. */
import { Agent } from 'node:https';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createMetricsApi } from '../../aggregator/src/api/routes.ts';
import { openGate } from '../../aggregator/src/identity/open-gate.ts';
import type { PublishedTrust } from '../../aggregator/src/identity/published-trust.ts';
import { Refusals } from '../../aggregator/src/ingest/refusals.ts';
import { KubeClient } from '../../aggregator/src/kube/kube-client.ts';
import { openMetrics } from '../../aggregator/src/open-metrics.ts';
import { ApiServer } from '../../aggregator/src/serving/api-server.ts';
import { checkReport } from '../../aggregator/src/snapshot/fixture-check-report.ts';
import { Snapshot } from '../../aggregator/src/snapshot/snapshot.ts';
import { type ClusterSize, MadeCluster } from './list-cluster.ts';

/** What the parent tells. Each is answered by one Told with the same `id`. */
export type Order = { readonly id: number } & (
  | { readonly order: 'start'; readonly options: StartOptions }
  /** Every node reports anew. */
  | { readonly order: 'renew'; readonly swap: boolean }
  /** From its answer on, CPU and stalls are counted until `end`. */
  | { readonly order: 'begin' }
  | { readonly order: 'end' }
);

export interface StartOptions {
  readonly size: ClusterSize;
  /** kube-apiserver: who may do what is asked there. */
  readonly apiServer: { readonly url: string; readonly ca: string; readonly token: string };
  /** The ConfigMap that says which front proxy to believe. */
  readonly published: Parameters<PublishedTrust['set']>[0];
  readonly serving: { readonly cert: string; readonly key: string };
}

/** What the process says of itself. */
export interface Told {
  readonly id: number;
  readonly port?: number;
  readonly refused?: number;
  /** Between `begin` and `end`: of all threads. */
  readonly cpuMs?: number;
  /** The longest time that a timer was late. */
  readonly stallMs?: number;
  readonly rssMiB?: number;
  /** The most that RSS has ever been. */
  readonly peakRssMiB?: number;
}

const tickMs = 1;
const quietMs = 50;
/** What the garbage collector's threads may take of such a pause. */
const quietCpuMs = 2;
const mostPauses = 100;
const delay = monitorEventLoopDelay({ resolution: tickMs });
const monotonicMs = () => performance.now();
const wallMs = () => Date.now();
const snapshot = new Snapshot({ silenceMs: 15_000_000, swap: true, monotonicMs, wallMs });
let cluster: MadeCluster | undefined;
let nodes = 0;
let rounds = 0;
let cpuAtBegin = process.cpuUsage();

async function start({ size, apiServer, published, serving }: StartOptions): Promise<number> {
  nodes = size.nodes;
  cluster = new MadeCluster(size);
  snapshot.nodeObjects.replace(cluster.nodeObjects());
  snapshot.podObjects.replace(cluster.podObjects());
  renew(false);

  const log = pino({ level: 'silent' });
  const access = {
    server: apiServer.url,
    async applyTo(options: { ca?: unknown; headers?: unknown }) {
      options.ca = apiServer.ca;
      options.headers = { ...(options.headers as object), authorization: `Bearer ${apiServer.token}` };
    },
  };
  const client = new KubeClient(access, new Agent({ keepAlive: true }));
  const retries = {
    sleep: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }),
    random: Math.random,
  };
  const {
    gate,
    trust,
    published: trustMap,
  } = openGate(
    { authentication: client, authorization: client, retries, log, monotonicMs, wallMs },
    new AbortController().signal,
  );
  const { metrics, observer, served } = openMetrics({
    ...{
      snapshot,
      wallMs,
      refusals: new Refusals(log, monotonicMs),
      asked: { periodMs: 5_000, usualPeriodMs: 5_000 },
      pulling: undefined,
    },
    api: () => server,
    ingest: () => ({ connections: () => [] }),
  });
  const server = new ApiServer(
    {
      ...{ log, observer, metrics, monotonicMs },
      gate: { ...gate, onAuthentication: (result) => metrics.authenticated(result) },
      api: createMetricsApi({
        ...{ reader: snapshot, wallMs, served, revisions: false },
        version: { major: '1', minor: '37' } as Parameters<typeof createMetricsApi>[0]['version'],
        serverAddress: ':443',
        otherPaths: [],
      }),
      nodes: { replica: () => ({}), nodes: () => [], node: () => undefined },
      health: { live: { ping: () => undefined }, ready: {} },
    },
    { cert: Buffer.from(serving.cert), key: Buffer.from(serving.key) },
  );
  trust.follow((bundle) => server.askForCertificatesOf(bundle));
  trustMap?.set(published);
  return server.listen(0, '127.0.0.1');
}

/** @returns how much of the reports was refused: nothing should be */
function renew(swap: boolean): number {
  rounds += 1;
  let refused = 0;
  for (let node = 0; node < nodes; node += 1) {
    const made = cluster?.report(node, rounds, swap);
    const outcome = made === undefined ? { reason: 'no cluster' } : checkReport(made.report);
    if (made === undefined || !('report' in outcome)) refused += 1;
    else {
      refused += outcome.refused.length;
      snapshot.put(made.node, outcome.report, Date.now());
    }
  }
  return refused;
}

/** Until the garbage of the reports is no longer being collected: that is not the work of a list. */
async function quiet(): Promise<void> {
  for (let pause = 0; pause < mostPauses; pause += 1) {
    const before = process.cpuUsage();
    await sleep(quietMs);
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1000 < quietCpuMs) return;
  }
}

function end(): Omit<Told, 'id'> {
  const { user, system } = process.cpuUsage(cpuAtBegin);
  delay.disable();
  return {
    cpuMs: (user + system) / 1000,
    stallMs: Math.max(0, delay.max / 1e6 - tickMs),
    rssMiB: process.memoryUsage.rss() / 2 ** 20,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
  };
}

async function obey(order: Order): Promise<Omit<Told, 'id'>> {
  switch (order.order) {
    case 'start':
      return { port: await start(order.options) };
    case 'renew': {
      const refused = renew(order.swap);
      await quiet();
      return { refused };
    }
    case 'begin':
      delay.enable();
      return {};
    case 'end':
      return end();
  }
}

process.on('message', (order: Order) => {
  void obey(order).then((told) => {
    process.send?.({ ...told, id: order.id } satisfies Told, () => {
      if (order.order !== 'begin') return;
      delay.reset();
      cpuAtBegin = process.cpuUsage();
    });
  });
});
process.on('disconnect', () => process.exit(0));
