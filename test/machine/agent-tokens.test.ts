import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../kernel/checks/until.ts';
import { nodeObject } from '../one-machine/core-objects.ts';
import { type Credentials, namespace, serverName, writeCredentials } from '../one-machine/credentials.ts';
import { createMetricsReader, type MetricsReader } from '../one-machine/metrics-reader.ts';
import { type Ports, TachoPrograms } from '../one-machine/tacho-programs.ts';
import { Stalls } from '../stalls.ts';
import { type StandInKubeApiserver, startKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import type { TokenClaims } from '../stand-ins/kube-apiserver/tokens.ts';

const stack = new AsyncDisposableStack();
const failures: string[] = [];
const stalls = stack.use(new Stalls());
/** What is unlike an ordinary token, by the UID of the agent's pod. */
const claims = new Map<string, Partial<TokenClaims>>();
/** The pod whose token the API server does not know any more. */
const revoked = 'revoked';
let apiserver: StandInKubeApiserver;
let credentials: Credentials;
let programs: TachoPrograms;
let ports: Ports;
let reader: MetricsReader;

const inSeconds = (seconds: number) => ({ expiresAt: new Date(Date.now() + seconds * 1_000) });
const agentPod = (node: string) => ({
  metadata: { namespace, name: `tacho-agent-${node}`, uid: node },
  spec: { nodeName: node, serviceAccountName: 'tacho-agent' },
  status: { phase: 'Running' },
});

/** Starts the agent of a node; its pod has the node's name for its UID. */
function startAgent(node: string) {
  apiserver.store.create('nodes', nodeObject(node));
  apiserver.store.create('pods', agentPod(node));
  return programs.startAgent(node, ports, [], node);
}

const textOf = (log: string) => readFileSync(credentials.path(log), 'utf8');
const opened = (node: string) => textOf(`agent-${node}.log`).split('stream to aggregator is open').length - 1;

async function readNodes(): Promise<string[]> {
  const { items } = await reader.nodes();
  return items.map(({ metadata }) => metadata.name);
}

beforeAll(async () => {
  apiserver = stack.use(await startKubeApiserver({ probeIntervalMs: 500 }));
  credentials = stack.adopt(await writeCredentials(apiserver), (written) => written.remove());
  const itsCredentials: Credentials = {
    ...credentials,
    writeAgentToken(node, podUid = node) {
      const file = credentials.writeAgentToken(node, podUid, claims.get(podUid));
      if (podUid === revoked) apiserver.revokeToken(readFileSync(file, 'utf8'));
      return file;
    },
  };
  programs = stack.use(new TachoPrograms(itsCredentials, (sentence) => failures.push(sentence)));
  ({ ports } = await programs.startAggregator({ secure: 0, ingest: 0 }, [
    '--metric-resolution=1s',
    '--window=2s',
  ]));
  reader = stack.adopt(createMetricsReader(apiserver), (each) => each.close());
  await apiserver.registerApiService({
    group: 'metrics.k8s.io',
    versions: ['v1'],
    url: `https://127.0.0.1:${ports.secure}`,
    caBundle: apiserver.pki.servingCa.certificate,
    serverName,
  });
});
afterAll(async () => {
  await stack.disposeAsync();
  expect(failures).toEqual([]);
});

test('a node is not missed while its agent’s token ends and the stream goes on with the next one', async () => {
  const first = inSeconds(30);
  claims.set('renewed', first);
  await startAgent('renewed').logged('stream to aggregator is open');
  await until('the node is served', async () => (await readNodes()).includes('renewed'), 20_000);
  // The first directive asks for another keepalive, which takes another stream.
  await until('the agreed stream', () => opened('renewed') >= 2, 20_000);
  const before = opened('renewed');
  // As the kubelet does, before the end.
  credentials.writeAgentToken('renewed', 'renewed', inSeconds(3_600));
  const ages: { askedMs: number; ageMs: number }[] = [];
  await until(
    'another stream',
    async () => {
      const askedMs = Date.now();
      const { items } = await reader.nodes();
      expect(items.map(({ metadata }) => metadata.name)).toContain('renewed');
      for (const { timestamp } of items) ages.push({ askedMs, ageMs: askedMs - Date.parse(timestamp) });
      return opened('renewed') > before;
    },
    40_000,
  );
  expect(Date.now()).toBeLessThanOrEqual(first.expiresAt.getTime());
  // Two periods, and the second that the API cuts off.
  const moving = ages.filter(({ askedMs }) => !stalls.touches(askedMs - 1_000, askedMs));
  expect(moving.length).toBeGreaterThan(ages.length / 2);
  expect(Math.max(...moving.map(({ ageMs }) => ageMs))).toBeLessThan(3_000);
  expect(textOf('agent-renewed.log')).toMatch(/"level":30.*token expires: connect again with its successor/);
  expect(textOf('agent-renewed.log')).not.toMatch(/"level":40.*stream to aggregator/);
});

test('a node’s agent is heard no more once its pod is deleted, and the others are', async () => {
  await startAgent('deleted').logged('stream to aggregator is open');
  await until('the node is served', async () => (await readNodes()).includes('deleted'), 20_000);
  await until('the agreed stream', () => opened('deleted') >= 2, 20_000);
  const before = opened('deleted');
  apiserver.store.delete('pods', 'tacho-agent-deleted', namespace);
  await until(
    'the agent is told',
    () => textOf('agent-deleted.log').includes('the pod of the token is gone'),
    20_000,
  );
  expect(opened('deleted')).toBe(before);
  expect(await readNodes()).toContain('renewed');
});

test.each([
  ['is meant for somebody else', 'elsewhere', () => ({ audiences: ['other'] })],
  ['has expired', 'expired', () => inSeconds(-1)],
  ['was revoked', revoked, () => ({})],
])('an agent whose token %s is told so and never heard', async (_, node, unlike) => {
  claims.set(node, unlike());
  const { reason } = await startAgent(node).logged('stream to aggregator ended');
  expect(reason).toBe('token is not valid for audience "tacho-aggregator"');
  expect(opened(node)).toBe(0);
  const served = await readNodes();
  expect(served).toContain('renewed');
  expect(served).not.toContain(node);
});

test('an agent whose token names no node is heard as the node of its pod', async () => {
  claims.set('unnamed', {
    extra: {
      'authentication.kubernetes.io/pod-name': ['tacho-agent-unnamed'],
      'authentication.kubernetes.io/pod-uid': ['unnamed'],
    },
  });
  await startAgent('unnamed').logged('stream to aggregator is open');
  await until('the node is served', async () => (await readNodes()).includes('unnamed'), 20_000);
});
