import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { startKubeApiserver } from '../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { boundTo } from '../../test/stand-ins/kube-apiserver/tokens.ts';
import type { AggregatorConfig } from './config.ts';
import { httpGet, startAggregator } from './fixture-aggregator.ts';
import { FixtureAgent, serverName } from './ingest/fixture-agent.ts';
import { FixturePuller } from './ingest/fixture-puller.ts';
import { mountPair } from './trust/fixture-pair-files.ts';

const usernameOf = (account: string) => `system:serviceaccount:tacho:${account}`;
/** What takes some pulls. */
const patiently = <Outcome>(assertion: () => Outcome | Promise<Outcome>) =>
  eventually(assertion, { everyMs: 25 });

const usage = { cpuNanocores: 1_000_000, memoryWorkingSetBytes: 1_048_576, windowUsec: 10_000_000 };
const pod = (name: string, nodeName: string, serviceAccountName = 'default') => ({
  metadata: { namespace: 'tacho', name, uid: `${name}-uid`, creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { nodeName, serviceAccountName },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

/** An aggregator with the nodes n1, with the pods web and db, and n2, which may not be pulled; and who pushes. */
async function pulled(
  { pull }: Pick<AggregatorConfig, 'pull'> = { pull: { mode: 'auto', nodeSelector: 'agent=no' } },
) {
  await using stack = new AsyncDisposableStack();
  const apiserver = stack.use(await startKubeApiserver());
  const { store, pki } = apiserver;
  const addresses = [{ type: 'InternalIP', address: '10.0.0.1' }];
  store.create('nodes', { metadata: { name: 'n1', labels: { agent: 'no' } }, status: { addresses } });
  store.create('nodes', { metadata: { name: 'n2' } });
  for (const name of ['web', 'db']) store.create('pods', pod(name, 'n1'));
  store.create('pods', pod('puller', 'n2', 'tacho-puller'));
  const mount = stack.use(mountPair(await pki.servingCa.issueServing([serverName])));
  const aggregator = stack.use(
    await startAggregator(apiserver, {
      ...{ periodMs: 1_000, windowMs: 1_000, tls: { kind: 'files', ...mount.files } },
      ...{ agentUsername: usernameOf('tacho-agent'), pullerUsername: usernameOf('tacho-puller') },
      pull,
    }),
  );
  const authorization = (account: string, podName: string, node: string) => {
    const extra = boundTo(podName, `${podName}-uid`, node);
    const claims = { username: usernameOf(account), groups: [], audiences: ['tacho-aggregator'], extra };
    return `Bearer ${apiserver.issueToken(claims)}`;
  };
  const { certificate } = pki.servingCa;
  const reader = apiserver.issueToken({ username: 'admin', groups: ['system:masters'] });
  const read = (path: string) => httpGet(aggregator.securePort, path, reader);
  const owned = stack.move();
  return {
    ...{ aggregator, store, read },
    puller: () =>
      new FixturePuller(
        aggregator.ingestPort,
        certificate,
        authorization('tacho-puller', 'puller', 'n2'),
        () => ['web', 'db'],
      ),
    agent: () =>
      new FixtureAgent(aggregator.ingestPort, certificate, authorization('tacho-agent', 'agent', 'n1')),
    async node(name: string) {
      const answer = await read(`/debug/nodes/${name}`);
      return JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1));
    },
    /** The timestamp of everything that is served, by its name. */
    async served(): Promise<Readonly<Record<string, number>>> {
      const answers = await Promise.all(
        ['nodes', 'pods'].map((resource) => read(`/apis/metrics.k8s.io/v1/${resource}`)),
      );
      const item = /"metadata":\{"name":"([^"]+)".*?"timestamp":"([^"]+)"/g;
      return Object.fromEntries(
        answers.flatMap((answer) =>
          [...answer.matchAll(item)].map(([, name = '', at = '']) => [name, Date.parse(at)]),
        ),
      );
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test('a node passes from a puller to its agent and back under reads: none without it, no timestamp goes back', {
  timeout: 240_000,
}, async () => {
  await using site = await pulled();
  await patiently(async () => expect(await site.read('/readyz?verbose')).toContain('[+]watches-synced ok'));
  // Reads that are sent here would miss the node.
  expect(await site.read('/readyz?verbose')).toContain('[-]nodes-reported failed');
  using puller = site.puller();
  await patiently(async () => expect(Object.keys(await site.served()).sort()).toEqual(['db', 'n1', 'web']));
  await patiently(async () => expect(await site.read('/readyz')).toMatch(/^HTTP\/1\.1 200 /));
  expect(puller.asked).toEqual(['n1']);
  expect(await site.node('n1')).toMatchObject({ source: 'puller', pull: { wanted: true, puller: 'puller' } });
  expect(await site.node('n2')).toMatchObject({ pull: { wanted: false, puller: null } });

  const seen = { reads: 0, wrong: [] as unknown[], stop: false };
  const reading = (async () => {
    let before: Readonly<Record<string, number>> = {};
    while (!seen.stop) {
      const now = await site.served();
      const isBack = Object.entries(now).some(([name, atMs]) => atMs < (before[name] ?? 0));
      if (isBack || Object.keys(now).length !== 3) seen.wrong.push({ before, now });
      before = now;
      seen.reads += 1;
      await sleep(20);
    }
  })();

  site.store.create('pods', pod('agent', 'n1', 'tacho-agent'));
  const agent = site.agent();
  const reports = setInterval(() => {
    const pods = ['web', 'db'].map((name) => ({
      ...{ namespace: 'tacho', name, uid: `${name}-uid` },
      containers: [{ name: 'app', usage }],
    }));
    const sampleMonotonicUsec = Math.round(performance.now() * 1_000);
    agent.say({ report: { sampleMonotonicUsec, node: usage, pods, periodUsec: 1_000_000 } });
  }, 1_000);
  try {
    await patiently(async () => expect(await site.node('n1')).toMatchObject({ source: 'agent' }));
    await patiently(() => expect(puller.asked).toEqual([]));
    await patiently(() => expect(seen.reads).toBeGreaterThan(10));
  } finally {
    clearInterval(reports);
    agent[Symbol.dispose]();
  }
  site.store.delete('pods', 'agent', 'tacho');
  await patiently(() => expect(puller.asked).toEqual(['n1']));
  await patiently(async () => expect(await site.node('n1')).toMatchObject({ source: 'puller' }));
  await sleep(2_000);
  seen.stop = true;
  await reading;
  expect(seen.wrong).toEqual([]);
});

test('what goes wrong with a kubelet stands in /debug/nodes and /metrics, and its node keeps its last values for a while', {
  timeout: 120_000,
}, async () => {
  await using site = await pulled();
  using puller = site.puller();
  await patiently(async () => expect(Object.keys(await site.served())).toHaveLength(3));
  const message = 'https://10.0.0.1:10250 did not answer within 10 s: look at the kubelet of n1';
  puller.problems.set('n1', message);
  const node = await patiently(async () => {
    const found = await site.node('n1');
    expect(found.pull.problem).toMatchObject({ message });
    return found;
  });
  expect(node).toMatchObject({ source: 'puller', pull: { lastGood: expect.any(String) } });
  expect(Object.keys(await site.served())).toHaveLength(3);
  const metrics = await site.read('/metrics');
  expect(metrics).toContain('tacho_nodes_reported{source="puller"} 1');
  expect(metrics).toMatch(/tacho_pull_problems_total\{reason="\w+"\} [1-9]/);
  // The pod of the puller has gone, and its stream with it.
  site.store.delete('pods', 'puller', 'tacho');
  await patiently(async () => expect(await site.read('/metrics')).toContain('tacho_puller_streams 0'));
  await patiently(async () =>
    expect(await site.node('n1')).toMatchObject({ pull: { wanted: true, puller: null } }),
  );
});

test('where nothing is to be pulled a puller is told at once that its account is somebody else’s', async () => {
  await using site = await pulled({ pull: undefined });
  await patiently(async () => expect(await site.read('/readyz?verbose')).toContain('[+]watches-synced ok'));
  using puller = site.puller();
  expect(await puller.ended).toMatchObject({ code: 'PERMISSION_DENIED' });
});
