import { expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { startKubeApiserver } from '../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { boundTo } from '../../test/stand-ins/kube-apiserver/tokens.ts';
import { httpGet, startAggregator } from './fixture-aggregator.ts';
import { FixtureAgent, serverName } from './ingest/fixture-agent.ts';
import { mountPair } from './trust/fixture-pair-files.ts';

const agentUsername = 'system:serviceaccount:tacho:tacho-agent';
const usage = { cpuNanocores: 1_000_000, memoryWorkingSetBytes: 1_048_576, windowUsec: 10_000_000 };
const pod = (name: string, node: string) => ({
  metadata: { namespace: 'tacho', name, uid: `${name}-uid` },
  spec: { nodeName: node },
  status: { phase: 'Running' },
});
const podUsage = (name: string, cpuNanocores = usage.cpuNanocores) => ({
  ...{ namespace: 'tacho', name, uid: `${name}-uid` },
  containers: [{ name: 'app', usage: { ...usage, cpuNanocores } }],
});

test('runAggregator() shows at /debug/nodes what it knows of each node, to those who may read it', async () => {
  await using apiserver = await startKubeApiserver();
  const { store, pki } = apiserver;
  for (const name of ['n1', 'n2']) {
    store.create('nodes', {
      metadata: { name, uid: name },
      status: { capacity: { cpu: '2', memory: '1Gi' } },
    });
  }
  for (const name of ['web', 'large']) store.create('pods', pod(name, 'n1'));
  store.create('pods', pod('far', 'n2'));
  using mount = mountPair(await pki.servingCa.issueServing([serverName]));
  await using aggregator = await startAggregator(apiserver, {
    tls: { kind: 'files', ...mount.files },
    agentUsername,
  });
  const extra = boundTo('agent', 'agent-uid', 'n1');
  const claims = { username: agentUsername, groups: [], audiences: ['tacho-aggregator'], extra };
  const authorization = `Bearer ${apiserver.issueToken(claims)}`;
  using agent = new FixtureAgent(aggregator.ingestPort, pki.servingCa.certificate, authorization);
  agent.say({ hello: { nodeName: 'n1', agentVersion: '0.1.0', cgroupMode: 'v2' } });
  const reader = apiserver.issueToken({ username: 'admin', groups: ['system:masters'] });
  const read = (path: string, token = reader) => httpGet(aggregator.securePort, path, token);
  const json = async (path: string) => {
    const answer = await read(path);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    // The list comes in pieces: its JSON is between the first and the last brace.
    return JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1));
  };
  await eventually(async () => expect((await json('/debug/nodes')).replica.watchesInStep).toBe(true));
  const pods = [podUsage('web'), podUsage('far'), podUsage('new'), podUsage('large', 3e9)];
  agent.say({ report: { sampleMonotonicUsec: 1_000_000, node: usage, pods } });
  agent.say({ report: { sampleMonotonicUsec: 1_000_000, node: usage, pods } });

  const node = await eventually(async () => {
    const found = await json('/debug/nodes/n1');
    expect(found.refused.length).toBeGreaterThanOrEqual(3);
    return found;
  });
  expect(node).toMatchObject({
    ...{ name: 'n1', inCluster: true, connected: true },
    agent: { podUid: 'agent-uid', version: '0.1.0', cgroupMode: 'v2' },
    served: { node: true, pods: 1, containers: 1 },
    unclaimed: { pods: 1, first: [{ pod: 'tacho/new' }] },
    capacity: { cpuCores: 2, memoryBytes: 2 ** 30 },
  });
  const classes = Object.fromEntries(
    node.refused.map((each: { reason: string; class: string }) => [each.reason, each.class]),
  );
  expect(classes).toMatchObject({
    'pod of another node': 'forged',
    'pod that uses more than its node has': 'implausible',
    'pod that the watch does not know': 'benign',
  });
  const warned = aggregator.lines.filter(({ level, node: of }) => level === 40 && of === 'n1');
  expect(warned).toContainEqual(
    expect.objectContaining({ reason: 'pod of another node', why: 'tacho/far is bound to n2' }),
  );
  expect(warned.map(({ class: its }) => its)).not.toContain('benign');
  expect(await read('/metrics')).toContain(
    'tacho_reports_refused_total{class="forged",reason="pod of another node"} ',
  );
  const list = await json('/debug/nodes');
  expect(list).toMatchObject({
    replica: { streams: 1, nodes: 2, periodMs: 5_000 },
    nodes: [{ name: 'n1' }, { name: 'n2', connected: false, served: null }],
  });

  agent[Symbol.dispose]();
  await eventually(async () =>
    expect(await json('/debug/nodes/n1')).toMatchObject({
      ...{ connected: false, peer: null, agent: { version: '0.1.0' } },
      lastReport: { ageMs: expect.any(Number) },
    }),
  );
  expect(await read('/debug/nodes/n3')).toMatch(/^HTTP\/1\.1 404 /);
  expect(await read('/')).toContain('"/debug/nodes"');
  const stranger = apiserver.issueToken({ username: 'nobody', groups: [] });
  for (const path of ['/debug/nodes', '/debug/nodes/n1', '/debug/nodes/n3']) {
    expect(await read(path, stranger)).toMatch(/^HTTP\/1\.1 403 /);
  }
});
