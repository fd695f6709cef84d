import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../kernel/checks/until.ts';
import { nodeObject } from '../one-machine/core-objects.ts';
import { type Credentials, namespace, serverName, writeCredentials } from '../one-machine/credentials.ts';
import { createMetricsReader } from '../one-machine/metrics-reader.ts';
import type { Program } from '../one-machine/program.ts';
import { type Ports, TachoPrograms } from '../one-machine/tacho-programs.ts';
import { Stalls } from '../stalls.ts';
import { type StandInKubeApiserver, startKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';

const nodes = ['n1', 'n2'];
/** Many times the Service's own delay of noticing, as in the chart. */
const shutdownDelayMs = 3_000;
const stack = new AsyncDisposableStack();
const failures: string[] = [];
let apiserver: StandInKubeApiserver;
let programs: TachoPrograms;
let credentials: Credentials;
let replicas: readonly Replica[] = [];
const agents = new Map<string, Program>();
let service: Awaited<ReturnType<typeof listenAsService>>;

interface Replica {
  readonly name: string;
  readonly program: Program;
  readonly ports: Ports;
}

/** As kube-proxy does for a Service: each new connection goes to a replica that was ready a moment ago. */
async function listenAsService() {
  const replicas = new Set<Replica>();
  let ready: readonly Replica[] = [];
  const stop = new AbortController();
  const { signal } = stop;
  const asking = (async () => {
    while (!signal.aborted) {
      const asked = [...replicas];
      const answers = await Promise.all(asked.map(isReady));
      ready = asked.filter((_, index) => answers[index]);
      await sleep(100, undefined, { signal }).catch(() => undefined);
    }
  })();
  const sockets = new Set<Socket>();
  let made = 0;
  const server = createServer((near) => {
    made += 1;
    const far = connect(ready[made % ready.length]?.ports.secure ?? 0, '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    replicas,
    url: `https://127.0.0.1:${(server.address() as { port: number }).port}`,
    isReady: (replica: Replica) => ready.includes(replica),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await asking;
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function isReady({ ports }: Replica): Promise<boolean> {
  const sent = request({
    ...{ host: '127.0.0.1', port: ports.secure, path: '/readyz', agent: false },
    ...{ ca: apiserver.pki.servingCa.certificate, servername: serverName },
  }).end();
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode === 200;
  } catch {
    return false;
  }
}

/** Its EndpointSlice: one each, because on one machine they differ by port. */
const sliceOf = ({ name, ports }: Replica, terminating: boolean) => ({
  metadata: { name, namespace, labels: { 'kubernetes.io/service-name': 'tacho-ingest' } },
  addressType: 'IPv4',
  ports: [{ name: 'ingest', port: ports.ingest, protocol: 'TCP' }],
  endpoints: [
    { addresses: ['127.0.0.1'], conditions: { ready: true, terminating }, targetRef: { uid: name } },
  ],
});

const agentPod = (node: string, uid: string, creationTimestamp: string) => ({
  metadata: { namespace, name: `tacho-agent-${uid}`, uid, creationTimestamp },
  spec: { nodeName: node, serviceAccountName: 'tacho-agent' },
  status: { phase: 'Running' },
});

async function startReplica(name: string): Promise<Replica> {
  const started = await programs.startAggregator({ secure: 0, ingest: 0 }, [
    '--metric-resolution=1s',
    '--window=2s',
    `--shutdown-delay-duration=${shutdownDelayMs}ms`,
  ]);
  const replica = { name, ...started };
  apiserver.store.create('endpointslices', sliceOf(replica, false));
  service.replicas.add(replica);
  return replica;
}

/** What a Deployment does when it replaces a pod that has a successor. */
async function stopReplica(replica: Replica): Promise<string> {
  apiserver.store.update('endpointslices', sliceOf(replica, true));
  const how = await programs.stop(replica.program);
  service.replicas.delete(replica);
  apiserver.store.delete('endpointslices', replica.name, namespace);
  return how;
}

/** Agents are told of one replica; of the others they learn from the EndpointSlices. */
function startAgent(node: string, podUid: string): Program {
  return programs.startAgent(node, replicas[0]?.ports ?? { secure: 0, ingest: 0 }, [], podUid);
}

interface Read {
  readonly outcome: string;
  readonly askedMs: number;
  readonly ageMs: number;
}

/** No read failed, none missed a node, none was old. */
function expectWhole(reads: readonly Read[]): void {
  expect([...new Set(reads.map(({ outcome }) => outcome))]).toEqual([`200: ${nodes.length} nodes`]);
  // Two periods, and the second that the API cuts off.
  const moving = reads.filter(({ askedMs }) => !stalls.touches(askedMs - 1_000, askedMs));
  expect(moving.length).toBeGreaterThan(reads.length / 2);
  expect(Math.max(...moving.map(({ ageMs }) => ageMs))).toBeLessThan(3_000);
}

/** Reads all nodes fifty times a second, as a dashboard with one kept connection, until it is stopped. */
function startReading() {
  const reader = createMetricsReader(apiserver);
  const reads: Read[] = [];
  const pending = new Set<Promise<void>>();
  const read = async () => {
    // Before the answer: a stall of this process does not make it old.
    const askedMs = Date.now();
    try {
      const { items, status } = await reader.nodes();
      const ages = items.map(({ timestamp }) => askedMs - Date.parse(timestamp));
      reads.push({ outcome: `${status}: ${items.length} nodes`, askedMs, ageMs: Math.max(...ages) });
    } catch (error) {
      reads.push({ outcome: String(error), askedMs, ageMs: 0 });
    }
  };
  const timer = setInterval(() => {
    const one = read().finally(() => pending.delete(one));
    pending.add(one);
  }, 20);
  return {
    reads,
    async stop() {
      clearInterval(timer);
      await Promise.all(pending);
      reader.close();
    },
  };
}

const stalls = stack.use(new Stalls());

beforeAll(async () => {
  apiserver = stack.use(await startKubeApiserver({ probeIntervalMs: 500 }));
  credentials = stack.adopt(await writeCredentials(apiserver), (written) => written.remove());
  service = stack.use(await listenAsService());
  programs = stack.use(new TachoPrograms(credentials, (sentence) => failures.push(sentence)));
  for (const node of nodes) {
    apiserver.store.create('nodes', nodeObject(node));
    apiserver.store.create('pods', agentPod(node, `${node}-first`, '2026-01-01T00:00:00Z'));
  }
});
afterAll(async () => {
  await stack.disposeAsync();
  expect(failures).toEqual([]);
});

test('two replicas are replaced one after the other under 50 reads a second: none fails, none misses a node', async () => {
  replicas = [await startReplica('a'), await startReplica('b')];
  for (const node of nodes) agents.set(node, startAgent(node, `${node}-first`));
  await until('both ready', async () => replicas.every(service.isReady), 20_000);
  await apiserver.registerApiService({
    group: 'metrics.k8s.io',
    versions: ['v1'],
    url: service.url,
    caBundle: apiserver.pki.servingCa.certificate,
    serverName,
  });

  const reading = startReading();
  try {
    for (const name of ['c', 'd']) {
      const fresh = await startReplica(name);
      await until(`${name} ready`, async () => service.isReady(fresh), 20_000);
      const [oldest, ...rest] = replicas;
      if (oldest !== undefined) expect(await stopReplica(oldest)).toMatch(/exit code 0$/);
      replicas = [...rest, fresh];
    }
  } finally {
    await reading.stop();
  }
  expect(reading.reads.length).toBeGreaterThan((2 * shutdownDelayMs) / 20 / 2);
  expectWhole(reading.reads);
});

test('an agent is replaced while it still runs: no read misses its node, and it does not take the node back', async () => {
  /** The replicas to which this pod's agent has opened streams, one after the other. */
  const opened = (podUid: string) =>
    readFileSync(credentials.path(`agent-${podUid}.log`), 'utf8')
      .split('\n')
      .filter((line) => line.includes('stream to aggregator is open'))
      .map((line) => (JSON.parse(line) as { replica: string }).replica);
  apiserver.store.create('pods', agentPod('n1', 'n1-second', '2026-01-01T00:01:00Z'));
  const reading = startReading();
  try {
    const before = opened('n1-first');
    await startAgent('n1', 'n1-second').logged('stream to aggregator is open');
    const hasAll = () => new Set(opened('n1-second')).size === replicas.length;
    await until('a stream to each replica', hasAll, 20_000);
    // The first directive may have it open a stream anew.
    let settled = opened('n1-second');
    const isAtRest = async () => {
      const { length } = settled;
      await sleep(2_000);
      settled = opened('n1-second');
      return settled.length === length;
    };
    await until('no other stream for two seconds', isAtRest, 30_000);
    // Longer than the old one waits before it asks again.
    await sleep(7_000);
    expect([opened('n1-first'), opened('n1-second')]).toEqual([before, settled]);
    const old = agents.get('n1');
    if (old !== undefined) expect(await programs.stop(old)).toMatch(/exit code 0$/);
    await sleep(1_500);
  } finally {
    await reading.stop();
  }
  expectWhole(reading.reads);
});
