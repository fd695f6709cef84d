import { expect, test } from 'vitest';
import { startKubeApiserver } from '../../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { reviewer } from '../kube/fixture-reviewer.ts';
import { KubeApiError } from '../kube/kube-client.ts';
import { reviewToken } from '../kube/token-review.ts';
import { audience, boundTo, fixtureIdentity, minuteMs, username } from './fixture-identity.ts';

const n1 = { node: 'n1', podName: 'tacho-agent-u1', podUid: 'u1' };
const { signal } = new AbortController();

test('AgentIdentifier.identify() tells the node of a token bound to an agent’s pod', async () => {
  const { identify } = fixtureIdentity();
  expect(await identify('good')).toEqual({
    ...n1,
    ...{
      role: 'agent',
      peer: '10.0.0.1',
      token: 'good',
      reviewedMs: 0,
      endsMs: undefined,
      lastsMs: undefined,
    },
  });
});

test.each([
  undefined,
  '',
  'good',
  'Bearer',
  'Bearer ',
  'Basic good',
  'Bearer good more',
  ` Bearer good`,
  `Bearer ${'x'.repeat(16_385)}`,
])('AgentIdentifier.identify() refuses "%.30s" without asking the API server', async (authorization) => {
  const { identifier, state } = fixtureIdentity();
  expect(await identifier.identify(authorization, '10.0.0.1', signal)).toEqual({
    refused: 'no bearer token in the call',
    code: 'unauthenticated',
    reason: 'agent without a valid identity',
  });
  expect(state.asked).toEqual([]);
});

test('AgentIdentifier.identify() takes the scheme in any case', async () => {
  const { identifier } = fixtureIdentity();
  expect(await identifier.identify('bEARER  good', '10.0.0.1', signal)).toMatchObject(n1);
});

test('AgentIdentifier.identify() refuses a token that is not valid for its audience', async () => {
  expect(await fixtureIdentity().identify('bad')).toEqual({
    refused: 'token is not valid for audience "tacho-aggregator"',
    code: 'unauthenticated',
    reason: 'agent without a valid identity',
  });
});

test('AgentIdentifier.identify() forbids a valid token of another account', async () => {
  const { identify, state } = fixtureIdentity();
  state.answer = { ...state.answer, username: 'system:serviceaccount:default:default' };
  expect(await identify('good')).toMatchObject({
    refused: `token is of system:serviceaccount:default:default, expected ${username}`,
    code: 'forbidden',
  });
});

test('AgentIdentifier without the API server goes on with a token seen within 10 minutes, and with no new one', async () => {
  const { identify, state, time } = fixtureIdentity();
  await identify('good-1');
  state.down = true;
  time.nowMs += 10 * minuteMs;
  expect(await identify('good-1')).toMatchObject(n1);
  expect(await identify('good-2')).toEqual({
    refused: 'the API server cannot review the token now',
    code: 'unavailable',
    reason: 'agent whose token cannot be reviewed now',
    cause: 'connect ECONNREFUSED',
  });
  time.nowMs += 1;
  expect(await identify('good-1')).toMatchObject({ code: 'unavailable' });
});

test('AgentIdentifier with an API server that hangs lets a token seen within 10 minutes wait for 2 s', async () => {
  const { identify, state, time } = fixtureIdentity();
  await identify('good');
  state.hangs = true;
  await time.pass(minuteMs);
  let known: unknown;
  void identify('good').then((identity) => {
    known = identity;
  });
  await time.pass(1_999);
  expect(known).toBeUndefined();
  await time.pass(1);
  expect(known).toMatchObject({ ...n1, reviewedMs: 0 });
});

test('AgentIdentifier.identify() tells of a failed review none of the API server’s words: they may quote the token', async () => {
  const { identify } = fixtureIdentity({
    async reviewToken(token) {
      throw new KubeApiError('POST', '/tokenreviews', 500, JSON.stringify({ message: `bad ${token}` }));
    },
  });
  expect(await identify('confidential')).toMatchObject({
    refused: 'the API server cannot review the token now',
    code: 'unavailable',
    cause: 'API server answered 500',
  });
});

test('AgentIdentifier counts the 10 minutes from the last review, not from the last use', async () => {
  const { identify, state, time } = fixtureIdentity();
  await identify('good');
  time.nowMs += 9 * minuteMs;
  await identify('good');
  state.down = true;
  time.nowMs += 9 * minuteMs;
  expect(await identify('good')).toMatchObject(n1);
  time.nowMs += 2 * minuteMs;
  expect(await identify('good')).toMatchObject({ code: 'unavailable' });
});

test('AgentIdentifier forgets a token as soon as the API server no longer confirms it', async () => {
  const { identify, state, time } = fixtureIdentity();
  await identify('good');
  state.revoked = true;
  time.nowMs += 10_000;
  expect(await identify('good')).toMatchObject({ code: 'unauthenticated' });
  state.down = true;
  expect(await time.until(identify('good'))).toMatchObject({ code: 'unavailable' });
});

test('AgentIdentifier does not go on with a token that was valid but never accepted', async () => {
  const { identify, state } = fixtureIdentity();
  state.answer = { username, extra: {} };
  expect(await identify('good')).toMatchObject({ code: 'forbidden' });
  state.down = true;
  expect(await identify('good')).toMatchObject({ code: 'unavailable' });
});

test('AgentIdentifier.identifyAgain() asks the API server, whatever is remembered', async () => {
  const { identifier, identify, state, time } = fixtureIdentity();
  const agent = await identify('good');
  if ('refused' in agent) throw new Error(agent.refused);
  time.nowMs += 1;
  expect(await identifier.identifyAgain(agent, signal)).toEqual({ ...agent, reviewedMs: 1 });
  state.down = true;
  expect(await identifier.identifyAgain(agent, signal)).toMatchObject({ code: 'unavailable' });
  state.down = false;
  state.revoked = true;
  expect(await identifier.identifyAgain(agent, signal)).toMatchObject({ code: 'unauthenticated' });
});

test('AgentIdentifier judges a pod anew where the token is only remembered', async () => {
  const { identifier, identify, pods, state } = fixtureIdentity();
  const agent = await identify('good');
  if ('refused' in agent) throw new Error(agent.refused);
  expect(identifier.displaced(agent)).toBeUndefined();
  pods.set('u1', 'gone');
  expect(await identify('good')).toMatchObject({
    code: 'unauthenticated',
    reason: 'agent whose pod is gone',
  });
  expect(identifier.displaced(agent)).toMatchObject({ reason: 'agent whose pod is gone' });
  expect(state.asked).toHaveLength(1);
});

test('AgentIdentifier only logs, once a minute, that a node was made again under its name', async () => {
  const { identify, lines, nodeUids, state, time } = fixtureIdentity();
  const { extra } = boundTo('n1', 'u1');
  state.answer = { username, extra: { ...extra, 'authentication.kubernetes.io/node-uid': ['before'] } };
  await identify('good');
  nodeUids.set('n1', 'before');
  await identify('good');
  expect(lines).toEqual([]);
  nodeUids.set('n1', 'now');
  for (const expected of [1, 1, 2]) {
    expect(await identify('good')).toMatchObject(n1);
    expect(lines).toHaveLength(expected);
    time.nowMs += minuteMs / 2;
  }
  expect(lines[0]).toMatchObject({ node: 'n1', msg: expect.stringContaining('made again under its name') });
});

test('AgentIdentifier remembers 10,000 tokens and lets the longest unused one go', async () => {
  const { identify, state, time } = fixtureIdentity();
  for (let index = 0; index < 10_000; index += 1) {
    time.nowMs += 1;
    await identify(`good-${index}`);
  }
  await time.pass(10_000);
  await identify('good-0');
  await identify('good-10000');
  state.down = true;
  await time.pass(10_000);
  expect(await identify('good-1')).toMatchObject({ code: 'unavailable' });
  for (const token of ['good-0', 'good-2', 'good-10000']) expect(await identify(token)).toMatchObject(n1);
});

test('AgentIdentifier with the API server’s real TokenReview', async () => {
  await using apiserver = await startKubeApiserver();
  const client = reviewer(apiserver);
  const { identifier, time } = fixtureIdentity({
    reviewToken: (token, audiences) => reviewToken(client, token, audiences, signal),
  });
  const issue = (claims: object) => {
    const bound = { groups: [], ...boundTo('n1', 'u1'), audiences: [audience] };
    return `Bearer ${apiserver.issueToken({ ...bound, ...claims })}`;
  };
  const identify = (authorization: string) =>
    time.until(identifier.identify(authorization, '10.0.0.1', signal));
  const good = issue({});
  expect(await identify(good)).toMatchObject(n1);
  expect(await identify(issue({ audiences: ['other'] }))).toMatchObject({ code: 'unauthenticated' });
  expect(await identify(issue({ audiences: undefined }))).toMatchObject({ code: 'unauthenticated' });
  expect(await identify(issue({ username: 'someone' }))).toMatchObject({ code: 'forbidden' });
  apiserver.faults.tokenReview = 'error';
  time.nowMs += minuteMs;
  expect(await identify(good)).toMatchObject(n1);
  expect(await identify(issue({}))).toMatchObject({ code: 'unavailable' });
});
