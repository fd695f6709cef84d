import { expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { startKubeApiserver } from '../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { boundTo } from '../../test/stand-ins/kube-apiserver/tokens.ts';
import { httpGet, startAggregator } from './fixture-aggregator.ts';
import { FixtureAgent, serverName } from './ingest/fixture-agent.ts';
import { mountPair } from './trust/fixture-pair-files.ts';

const agentUsername = 'system:serviceaccount:tacho:tacho-agent';
const usage = { cpuNanocores: 1_000_000, memoryWorkingSetBytes: 1_048_576, windowUsec: 10_000_000 };

const pod = (name: string, node: string, serviceAccountName?: string) => ({
  metadata: { namespace: 'tacho', name, uid: name, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { nodeName: node, serviceAccountName },
  status: { phase: 'Running' },
});

test('runAggregator() with a node selector serves those nodes and their pods, and waits for no others', async () => {
  await using apiserver = await startKubeApiserver();
  const { store, pki } = apiserver;
  for (const node of ['in', 'out']) {
    store.create('nodes', { metadata: { name: node, uid: node, labels: { pool: node } } });
    store.create('pods', pod(`agent-${node}`, node, 'tacho-agent'));
    store.create('pods', pod(`web-${node}`, node));
  }
  using mount = mountPair(await pki.servingCa.issueServing([serverName]));
  await using aggregator = await startAggregator(apiserver, {
    tls: { kind: 'files', ...mount.files },
    agentUsername,
    nodeSelector: 'pool in (in)',
  });
  const connect = (node: string) => {
    const extra = boundTo(`agent-${node}`, `agent-${node}`, node);
    const claims = { username: agentUsername, groups: [], audiences: ['tacho-aggregator'], extra };
    const authorization = `Bearer ${apiserver.issueToken(claims)}`;
    return new FixtureAgent(aggregator.ingestPort, pki.servingCa.certificate, authorization);
  };
  const reader = apiserver.issueToken({ username: 'admin', groups: ['system:masters'] });
  const names = async (resource: string) => {
    const answer = await httpGet(aggregator.securePort, `/apis/metrics.k8s.io/v1/${resource}`, reader);
    return [...answer.matchAll(/"metadata":\{"name":"([^"]+)"/g)].map(([, name]) => name);
  };

  await eventually(() =>
    expect(aggregator.lines.map(({ msg }) => msg)).toContain('watches are in step with the API server'),
  );
  using outside = connect('out');
  using inside = connect('in');
  for (const [node, agent] of [['out', outside] as const, ['in', inside] as const]) {
    const pods = [
      { namespace: 'tacho', name: `web-${node}`, uid: `web-${node}`, containers: [{ name: 'c', usage }] },
    ];
    agent.say({ report: { sampleMonotonicUsec: 1_000_000, node: usage, pods } });
  }
  await eventually(async () => {
    expect([await names('nodes'), await names('pods')]).toEqual([['in'], ['web-in']]);
    expect(await httpGet(aggregator.securePort, '/readyz')).toMatch(/^HTTP\/1\.1 200 /);
  });
  expect(await httpGet(aggregator.securePort, '/apis/metrics.k8s.io/v1/nodes/out', reader)).toMatch(
    /^HTTP\/1\.1 404 /,
  );
});
