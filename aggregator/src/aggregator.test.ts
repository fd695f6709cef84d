import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { shortestOf } from '../../test/shortest-of.ts';
import { aggregatorUsername } from '../../test/stand-ins/kube-apiserver/authorization.ts';
import { startKubeApiserver } from '../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { boundTo } from '../../test/stand-ins/kube-apiserver/tokens.ts';
import { runAggregator } from './aggregator.ts';
import { keptLog } from './fixture-log.ts';
import { FixtureAgent, serverName } from './ingest/fixture-agent.ts';

const agentUsername = 'system:serviceaccount:tacho:tacho-agent';
let cleanUp = new AsyncDisposableStack();
afterEach(async () => {
  await cleanUp.disposeAsync();
  cleanUp = new AsyncDisposableStack();
});

/** The pod of a node's agent, as its kubelet reports it. */
const agentPod = (node: string, uid: string, creationTimestamp = '2026-01-01T00:00:00Z') => ({
  metadata: { namespace: 'tacho', name: `tacho-agent-${uid}`, uid, creationTimestamp },
  spec: { nodeName: node, serviceAccountName: 'tacho-agent' },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

/** The whole aggregator beside a stand-in for kube-apiserver, on free ports. */
async function start({ shutdownDelayMs = 0, pods = [] as ReturnType<typeof agentPod>[] } = {}) {
  const apiserver = cleanUp.use(await startKubeApiserver());
  for (const pod of pods) apiserver.store.create('pods', pod);
  const folder = cleanUp.adopt(mkdtempSync(join(tmpdir(), 'tacho-aggregator-')), (path) =>
    rmSync(path, { recursive: true }),
  );
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const { certificate, key } = await apiserver.pki.servingCa.issueServing([serverName]);
  const token = apiserver.issueToken({ username: aggregatorUsername, groups: [] });
  const { log, lines } = keptLog();
  const stop = new AbortController();
  const ended = runAggregator(
    {
      version: '0.1.0',
      ...{ periodMs: 5_000, windowMs: 10_000, bindAddress: '127.0.0.1', securePort: 0, ingestPort: 0 },
      tls: { kind: 'files', certFile: file('tls.crt', certificate), keyFile: file('tls.key', key) },
      kubeconfigFile: file('kubeconfig', await apiserver.kubeconfig({ token })),
      kubernetesService: { host: undefined, port: undefined },
      ...{ namespace: 'tacho', service: 'tacho-aggregator', ingestService: 'tacho-ingest' },
      ...{ shutdownDelayMs, agentAudience: 'tacho-aggregator', agentUsername },
    },
    log,
    stop.signal,
  );
  cleanUp.defer(async () => {
    stop.abort();
    await ended;
  });
  const listens = await eventually(() => {
    const line = lines.find(({ msg }) => msg === 'aggregator listens');
    expect(line).toBeDefined();
    return line;
  });
  const ca = apiserver.pki.servingCa.certificate;
  return {
    ...{ apiserver, stop, ended, lines },
    connect(node: string, podUid: string) {
      const extra = boundTo(`tacho-agent-${podUid}`, podUid, node);
      const audiences = ['tacho-aggregator'];
      const agentToken = apiserver.issueToken({ username: agentUsername, groups: [], audiences, extra });
      return cleanUp.use(new FixtureAgent(Number(listens?.['ingestPort']), ca, `Bearer ${agentToken}`));
    },
    async ready() {
      const sent = request({
        ...{ host: '127.0.0.1', port: Number(listens?.['securePort']), path: '/readyz?verbose' },
        ...{ ca, servername: serverName, agent: false },
      }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const body = Buffer.concat(await response.toArray()).toString();
      const failed = [...body.matchAll(/^\[-\](\S+) failed/gm)].map(([, name]) => name);
      return { status: response.statusCode, failed };
    },
  };
}

const report = { report: { sampleMonotonicUsec: 1_000_000, pods: [] } };
const endpointSlice = (...addresses: string[]) => ({
  metadata: {
    name: 'tacho-ingest-x',
    namespace: 'tacho',
    labels: { 'kubernetes.io/service-name': 'tacho-ingest' },
  },
  addressType: 'IPv4',
  ports: [{ name: 'ingest', port: 10251, protocol: 'TCP' }],
  endpoints: addresses.map((address) => ({ addresses: [address], targetRef: { kind: 'Pod', uid: address } })),
});

test('runAggregator() tells connected agents within a second which replicas the EndpointSlices of its Service name', async () => {
  const aggregator = await start();
  const { store } = aggregator.apiserver;
  const agent = aggregator.connect('n1', 'a');
  const peers = () => agent.received.flatMap(({ directive }) => (directive ? [directive.peers] : []));
  await eventually(() => expect(peers()).toEqual([[]]));
  store.create('endpointslices', endpointSlice('10.0.0.1'));
  await eventually(() => expect(peers().at(-1)).toEqual(['10.0.0.1:10251']));
  let last = 1;
  const tookMs = async () => {
    last += 1;
    const begin = performance.now();
    store.update('endpointslices', endpointSlice(`10.0.0.${last}`, '10.0.0.1'));
    await eventually(() => expect(peers().at(-1)).toEqual(['10.0.0.1:10251', `10.0.0.${last}:10251`]));
    return performance.now() - begin;
  };
  expect(await shortestOf(3, tookMs, 999)).toBeLessThan(1_000);
  const late = aggregator.connect('n2', 'b');
  await eventually(() => expect(late.received[0]?.directive?.peers).toHaveLength(2));
});

test('runAggregator() is ready when every node whose agent runs has reported', async () => {
  const agentPods = [agentPod('n1', 'a'), agentPod('n2', 'b')];
  const aggregator = await start({ pods: agentPods });
  await eventually(async () =>
    expect(await aggregator.ready()).toEqual({ status: 500, failed: ['nodes-reported'] }),
  );
  aggregator.connect('n1', 'a').say(report);
  const last = aggregator.connect('n2', 'b');
  await eventually(() => expect(last.received).toHaveLength(2));
  expect((await aggregator.ready()).failed).toEqual(['nodes-reported']);
  last.say(report);
  await eventually(async () => expect(await aggregator.ready()).toEqual({ status: 200, failed: [] }));
});

test('runAggregator() lets the younger of two agents’ pods of a node speak, whichever came last', async () => {
  const pods = [agentPod('n1', 'old'), agentPod('n1', 'new', '2026-01-01T00:00:09Z')];
  const aggregator = await start({ pods });
  await eventually(() =>
    expect(aggregator.lines.map(({ msg }) => msg)).toContain('watches are in step with the API server'),
  );
  const young = aggregator.connect('n1', 'new');
  await eventually(() => expect(young.received).toHaveLength(2));
  const old = aggregator.connect('n1', 'old');
  expect(await old.ended).toMatchObject({ code: 'ABORTED' });
});

test('runAggregator() told to stop says it is not ready, serves on for the delay, then ends streams and itself', async () => {
  const aggregator = await start({ shutdownDelayMs: 2_000 });
  await eventually(async () => expect(await aggregator.ready()).toEqual({ status: 200, failed: [] }));
  const agent = aggregator.connect('n1', 'a');
  await eventually(() => expect(agent.received).toHaveLength(2));
  const begin = performance.now();
  aggregator.stop.abort();
  expect(await aggregator.ready()).toEqual({ status: 500, failed: ['shutdown'] });
  // Still open for agents and for whoever has not heard of it.
  const late = aggregator.connect('n2', 'b');
  late.say(report);
  await eventually(() => expect(late.received).toHaveLength(2));
  expect(await agent.ended).toEqual({ code: 'UNAVAILABLE', details: 'aggregator is stopping' });
  await aggregator.ended;
  expect(performance.now() - begin).toBeGreaterThan(1_995);
  await expect(aggregator.ready()).rejects.toThrow('ECONNREFUSED');
});
