import { expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { startKubeApiserver } from '../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { boundTo } from '../../test/stand-ins/kube-apiserver/tokens.ts';
import { httpGet, startAggregator } from './fixture-aggregator.ts';
import { FixtureAgent, serverName } from './ingest/fixture-agent.ts';
import { mountPair } from './trust/fixture-pair-files.ts';

const agentUsername = 'system:serviceaccount:tacho:tacho-agent';
const usage = { cpuNanocores: 1_000_000, memoryWorkingSetBytes: 1_048_576, windowUsec: 10_000_000 };
const containers = ['a', 'b'].map((name) => ({ name, usage }));

const pod = (name: string, node: string) => ({
  metadata: { namespace: 'tacho', name, uid: name, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { nodeName: node },
  status: { phase: 'Running' },
});

test('runAggregator() shows at /metrics what it holds, serves and refuses, to those who may read it', async () => {
  await using apiserver = await startKubeApiserver();
  const { store, pki } = apiserver;
  for (const node of ['n1', 'n2']) store.create('nodes', { metadata: { name: node, uid: node } });
  for (const name of ['web-1', 'web-2']) store.create('pods', pod(name, 'n1'));
  using mount = mountPair(await pki.servingCa.issueServing([serverName]));
  await using aggregator = await startAggregator(apiserver, {
    tls: { kind: 'files', ...mount.files },
    agentUsername,
  });
  const extra = boundTo('agent', 'agent', 'n1');
  const claims = { username: agentUsername, groups: [], audiences: ['tacho-aggregator'], extra };
  const authorization = `Bearer ${apiserver.issueToken(claims)}`;
  using agent = new FixtureAgent(aggregator.ingestPort, pki.servingCa.certificate, authorization);
  const pods = ['web-1', 'web-2'].map((name) => ({ namespace: 'tacho', name, uid: name, containers }));
  agent.say({ report: { sampleMonotonicUsec: 1_000_000, node: usage, pods: [...pods, ...pods.slice(1)] } });

  const reader = apiserver.issueToken({ username: 'admin', groups: ['system:masters'] });
  const read = (path: string, token = reader) => httpGet(aggregator.securePort, path, token);
  const list = () => read('/apis/metrics.k8s.io/v1/pods');
  await eventually(async () => expect(await list()).toContain('"web-2"'));
  agent.say({ report: { sampleMonotonicUsec: 1_000_000, pods: Array(4_097).fill({}) } });
  await eventually(async () => expect(await read('/metrics')).toContain('more than 4096 pods'));
  await read('/apis/metrics.k8s.io/v1/nodes?labelSelector=x%20y');
  const listsBefore = Number(
    /version="v1",resource="pods".*code="200"\} (\d+)/.exec(await read('/metrics'))?.[1],
  );
  await list();
  await httpGet(aggregator.securePort, '/apis', apiserver.issueToken({ username: 'nobody', groups: [] }));
  await httpGet(aggregator.securePort, '/apis', 'rubbish');

  const page = await read('/metrics');
  expect(page).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(page).toContain('\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n');
  const value = (series: string) =>
    Number(page.match(new RegExp(`^${series.replace(/[{}.+]/g, '\\$&')} (\\S+)$`, 'm'))?.[1]);
  const held = { nodes: value('tacho_snapshot_nodes'), pods: value('tacho_snapshot_pods') };
  expect({ ...held, containers: value('tacho_snapshot_containers') }).toEqual({
    nodes: 1,
    pods: 2,
    containers: 4,
  });
  expect([value('tacho_nodes_silent'), value('tacho_agent_streams'), value('tacho_watches')]).toEqual([
    1, 1, 0,
  ]);
  expect(value('tacho_reports_total{result="accepted"}')).toBe(1);
  expect(value('tacho_reports_total{result="refused"}')).toBe(1);
  expect(value('tacho_reports_refused_total{class="malformed",reason="pod twice in one report"}')).toBe(1);
  expect(value('authentication_attempts{result="error"}')).toBe(1);
  expect(value('tacho_access_review_lookups_total{result="miss"}')).toBe(1);
  expect(value('apiserver_current_inflight_requests{request_kind="readOnly"}')).toBeGreaterThanOrEqual(1);
  const rest = 'subresource="",scope="cluster",dry_run="",component="apiserver"';
  const lists = `apiserver_request_total{verb="LIST",group="metrics.k8s.io",version="v1"`;
  expect(value(`${lists},resource="pods",${rest},code="200"}`)).toBe(listsBefore + 1);
  expect(value(`${lists},resource="nodes",${rest},code="400"}`)).toBe(1);
  expect(value('metrics_server_api_metric_freshness_seconds_count')).toBeGreaterThanOrEqual(4);
  expect(value('tacho_certificate_expiration_timestamp_seconds{certificate="serving"}')).toBeGreaterThan(
    1.7e9,
  );

  const stranger = apiserver.issueToken({ username: 'nobody', groups: [] });
  expect(await read('/metrics', stranger)).toMatch(/^HTTP\/1\.1 403 /);
});

test('runAggregator() lists its metrics and each health check in the index', async () => {
  await using apiserver = await startKubeApiserver();
  using mount = mountPair(await apiserver.pki.servingCa.issueServing([serverName]));
  await using aggregator = await startAggregator(apiserver, { tls: { kind: 'files', ...mount.files } });
  const reader = apiserver.issueToken({ username: 'admin', groups: ['system:masters'] });
  const index = await eventually(async () => {
    const answer = await httpGet(aggregator.securePort, '/', reader);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    return answer;
  });
  const { paths } = JSON.parse(index.slice(index.indexOf('\r\n\r\n')));
  expect(paths).toEqual(
    expect.arrayContaining([
      '/metrics',
      '/healthz',
      '/livez/ping',
      '/readyz/nodes-reported',
      '/readyz/shutdown',
    ]),
  );
});
