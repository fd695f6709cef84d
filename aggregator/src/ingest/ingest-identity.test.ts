import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { startKubeApiserver } from '../../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { AgentPods } from '../kube/agent-pods.ts';
import { reviewer } from '../kube/fixture-reviewer.ts';
import { reviewToken } from '../kube/token-review.ts';
import { audience, boundTo, minuteMs, username } from './fixture-identity.ts';
import { listen, report } from './fixture-ingest.ts';

const { signal } = new AbortController();

/** A listener with TLS that asks an API server about tokens, and clocks of both that can be put forward. */
async function listenInCluster() {
  const stack = new AsyncDisposableStack();
  let aheadMs = 0;
  const wallMs = () => Date.now() + aheadMs;
  const apiserver = stack.use(await startKubeApiserver({ now: () => new Date(wallMs()) }));
  const client = reviewer(apiserver);
  const pods = new AgentPods(username);
  const ingest = stack.use(
    await listen({
      wallMs,
      monotonicMs: () => performance.now() + aheadMs,
      findPod: (uid) => pods.find(uid),
      reviewToken: (token, audiences) => reviewToken(client, token, audiences, signal),
    }),
  );
  let sample = 0;
  return {
    ...{ apiserver, ingest },
    issue: (node: string | undefined, podUid: string, claims: object = {}) =>
      apiserver.issueToken({ groups: [], ...boundTo(node, podUid), audiences: [audience], ...claims }),
    inAnHour: () => ({ expiresAt: new Date(wallMs() + 60 * minuteMs) }),
    pod: (podUid: string, nodeName: string) => ({
      metadata: { namespace: 'tacho', name: `tacho-agent-${podUid}`, uid: podUid },
      spec: { nodeName, serviceAccountName: 'tacho-agent' },
    }),
    pods,
    /** Time that passes at once, and the look at the streams after it. */
    pass(ms: number) {
      aheadMs += ms;
      ingest.server.endStale();
    },
    /** What this agent reports is taken. */
    async isHeard(agent: ReturnType<typeof ingest.agent>, node: string) {
      sample += 1;
      const mine = sample;
      agent.say(report(mine));
      await eventually(() => expect(ingest.accepted).toContainEqual([node, mine]));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('IngestServer ends a stream before its token’s end, says so, and hears its successor at once', async () => {
  await using cluster = await listenInCluster();
  const { ingest, inAnHour, isHeard, issue, pass } = cluster;
  using agent = ingest.agent(issue('n1', 'u1', inAnHour()));
  using other = ingest.agent(issue('n2', 'u2'));
  await isHeard(agent, 'n1');
  pass(53 * minuteMs);
  await isHeard(agent, 'n1');
  pass(7 * minuteMs - 4_000);
  expect(await agent.ended).toEqual({
    code: 'UNAUTHENTICATED',
    details: 'token expires: connect again with its successor',
  });
  using successor = ingest.agent(issue('n1', 'u1', inAnHour()));
  await isHeard(successor, 'n1');
  await isHeard(other, 'n2');
  expect(ingest.counts()).toEqual({ 'agent whose token expires': 1 });
});

test('IngestServer ends a stream within minutes after its token was revoked, and takes it no more', async () => {
  await using cluster = await listenInCluster();
  const { apiserver, ingest, isHeard, issue, pass } = cluster;
  const token = issue('n1', 'u1');
  using agent = ingest.agent(token);
  using other = ingest.agent(issue('n2', 'u2'));
  await isHeard(agent, 'n1');
  await isHeard(other, 'n2');
  apiserver.revokeToken(token);
  pass(5 * minuteMs);
  expect(await agent.ended).toEqual({ code: 'UNAUTHENTICATED', details: 'token is no longer valid' });
  using again = ingest.agent(token);
  expect(await again.ended).toMatchObject({ code: 'UNAUTHENTICATED' });
  await isHeard(other, 'n2');
  expect(ingest.counts()).toEqual({
    'agent whose token has become invalid': 1,
    'agent without a valid identity': 1,
  });
});

test('IngestServer ends a stream whose pod the watch has lost, or has on another node', async () => {
  await using cluster = await listenInCluster();
  const { ingest, isHeard, issue, pass, pod, pods } = cluster;
  pods.replace([pod('u1', 'n1'), pod('u2', 'n2'), pod('u3', 'n3')]);
  const token = issue('n1', 'u1');
  using deleted = ingest.agent(token);
  using moved = ingest.agent(issue('n2', 'u2'));
  using other = ingest.agent(issue('n3', 'u3'));
  for (const [agent, node] of [[deleted, 'n1'] as const, [moved, 'n2'] as const]) await isHeard(agent, node);
  pods.remove(pod('u1', 'n1'));
  pods.set(pod('u2', 'n9'));
  pass(1_000);
  expect(await deleted.ended).toEqual({ code: 'UNAUTHENTICATED', details: 'the pod of the token is gone' });
  expect(await moved.ended).toEqual({
    code: 'PERMISSION_DENIED',
    details: 'the pod of the token is on another node',
  });
  // The API server may take a while longer than the watch.
  using again = ingest.agent(token);
  expect(await again.ended).toMatchObject({ details: 'the pod of the token is gone' });
  await isHeard(other, 'n3');
  expect(ingest.counts()).toEqual({ 'agent whose pod is gone': 2, 'agent whose pod is on another node': 1 });
});

test('IngestServer knows an agent’s node by its pod where the token names none', async () => {
  await using cluster = await listenInCluster();
  const { ingest, isHeard, issue, pod, pods } = cluster;
  const token = issue(undefined, 'u1');
  using early = ingest.agent(token);
  expect(await early.ended).toMatchObject({
    code: 'UNAVAILABLE',
    details: expect.stringMatching(/try again$/),
  });
  pods.set(pod('u1', 'n7'));
  using agent = ingest.agent(token);
  await isHeard(agent, 'n7');
  expect(ingest.counts()).toEqual({ 'agent whose pod the watch does not know': 1 });
});

test.each([
  ['for another audience', { audiences: ['other'] }, 'UNAUTHENTICATED', /not valid for audience/],
  ['for the API server', { audiences: undefined }, 'UNAUTHENTICATED', /not valid for audience/],
  ['that has expired', { expiresAt: new Date(Date.now() - 1_000) }, 'UNAUTHENTICATED', /not valid for/],
  [
    'of another account',
    { username: 'system:serviceaccount:tacho:other' },
    'PERMISSION_DENIED',
    /^token is of/,
  ],
  ['bound to no pod', { extra: {} }, 'PERMISSION_DENIED', /names no pod/],
  ['of a pod on another node', boundTo('n1', 'elsewhere'), 'PERMISSION_DENIED', /on another node$/],
])('IngestServer refuses a token %s, and nobody else', async (_, claims, code, details) => {
  await using cluster = await listenInCluster();
  const { ingest, isHeard, issue, pod, pods } = cluster;
  pods.set(pod('elsewhere', 'n2'));
  using good = ingest.agent(issue('n1', 'u1'));
  await isHeard(good, 'n1');
  using agent = ingest.agent(issue('n1', 'u2', claims));
  agent.say(report(1_000));
  expect(await agent.ended).toEqual({ code, details: expect.stringMatching(details) });
  await isHeard(good, 'n1');
  expect(ingest.accepted).not.toContainEqual(['n1', 1_000]);
  expect(Object.values(ingest.counts())).toEqual([1]);
});

test('IngestServer without the API server goes on with open streams, and for 10 minutes with tokens it knows', async () => {
  await using cluster = await listenInCluster();
  const { apiserver, ingest, isHeard, issue, pass } = cluster;
  const tokens = [issue('n1', 'u1'), issue('n2', 'u2')] as const;
  using open = ingest.agent(tokens[0]);
  await isHeard(open, 'n1');
  {
    using before = ingest.agent(tokens[1]);
    await isHeard(before, 'n2');
  }
  apiserver.faults.tokenReview = 'error';
  pass(5 * minuteMs);
  using known = ingest.agent(tokens[1]);
  await isHeard(known, 'n2');
  using stranger = ingest.agent(issue('n3', 'u3'));
  expect(await stranger.ended).toMatchObject({ code: 'UNAVAILABLE' });
  pass(10 * minuteMs);
  await isHeard(open, 'n1');
  await isHeard(known, 'n2');
  using late = ingest.agent(tokens[1]);
  expect(await late.ended).toEqual({
    code: 'UNAVAILABLE',
    details: 'the API server cannot review the token now',
  });
  delete apiserver.faults.tokenReview;
  using back = ingest.agent(tokens[1]);
  await isHeard(back, 'n2');
  expect(ingest.counts()).toMatchObject({ 'agent whose token cannot be reviewed now': 2 });
});
