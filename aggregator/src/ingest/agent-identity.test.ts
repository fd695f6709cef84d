import { expect, test } from 'vitest';
import { startKubeApiserver } from '../../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { reviewer } from '../kube/fixture-reviewer.ts';
import { KubeApiError } from '../kube/kube-client.ts';
import { type ReviewedToken, reviewToken } from '../kube/token-review.ts';
import { AgentIdentifier } from './agent-identity.ts';

const audience = 'tacho-aggregator';
const username = 'system:serviceaccount:tacho:tacho-agent';
const bound = {
  'authentication.kubernetes.io/pod-name': ['tacho-agent-x'],
  'authentication.kubernetes.io/pod-uid': ['u1'],
  'authentication.kubernetes.io/node-name': ['n1'],
};
const minuteMs = 60_000;

/** Knows every token `good-…`; `state.down` makes the API server fail. */
function identifier(answer: Partial<ReviewedToken> = {}) {
  const state = { down: false, revoked: false, ms: 0, asked: [] as unknown[] };
  const agents = new AgentIdentifier(
    {
      monotonicMs: () => state.ms,
      async reviewToken(token, audiences) {
        state.asked.push([token, audiences]);
        if (state.down) throw new Error('connect ECONNREFUSED');
        if (state.revoked || !token.startsWith('good')) return undefined;
        return { username, extra: bound, ...answer };
      },
    },
    { audience, username },
  );
  return { state, identify: (token: string) => agents.identify(`Bearer ${token}`), agents };
}

test('AgentIdentifier.identify() tells the node of a token bound to an agent’s pod', async () => {
  const { identify, state } = identifier();
  expect(await identify('good')).toEqual({ node: 'n1', podUid: 'u1' });
  expect(state.asked).toEqual([['good', [audience]]]);
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
  const { agents, state } = identifier();
  expect(await agents.identify(authorization)).toEqual({
    refused: 'no bearer token in the call',
    code: 'unauthenticated',
  });
  expect(state.asked).toEqual([]);
});

test('AgentIdentifier.identify() has so many unknown tokens reviewed at once, and always those it knows', async () => {
  const waiting: (() => void)[] = [];
  let answersAtOnce = true;
  const agents = new AgentIdentifier(
    {
      monotonicMs: () => 0,
      async reviewToken(token) {
        if (!answersAtOnce && token !== 'known') await new Promise<void>((resolve) => waiting.push(resolve));
        return { username, extra: bound };
      },
    },
    { audience, username },
  );
  const identify = (token: string) => agents.identify(`Bearer ${token}`);
  await identify('known');
  answersAtOnce = false;
  const strangers = Array.from({ length: 256 }, (_, index) => identify(`stranger-${index}`));
  const tooMany = { refused: 'too many tokens are under review now', code: 'unavailable' };
  expect(await identify('one-more')).toEqual(tooMany);
  expect(await identify('known')).toMatchObject({ node: 'n1' });
  answersAtOnce = true;
  for (const answer of waiting) answer();
  await Promise.all(strangers);
  expect(await identify('one-more')).toMatchObject({ node: 'n1' });
});

test('AgentIdentifier.identify() takes the scheme in any case', async () => {
  expect(await identifier().agents.identify('bEARER  good')).toEqual({ node: 'n1', podUid: 'u1' });
});

test.each([
  [
    'another account',
    { username: 'system:serviceaccount:default:default' },
    /is of system:.*default, expected/,
  ],
  [
    'no node, before Kubernetes 1.30',
    { extra: { 'authentication.kubernetes.io/pod-name': ['x'] } },
    /no pod and node/,
  ],
  [
    'no pod: bound to a node',
    { extra: { 'authentication.kubernetes.io/node-name': ['n1'] } },
    /no pod and node/,
  ],
  ['neither pod nor node', { extra: {} }, /no pod and node/],
  [
    'an empty list of nodes',
    { extra: { ...bound, 'authentication.kubernetes.io/node-name': [] } },
    /no pod and node/,
  ],
])('AgentIdentifier.identify() forbids a valid token of %s', async (_, answer, why) => {
  expect(await identifier(answer).identify('good')).toEqual({
    refused: expect.stringMatching(why),
    code: 'forbidden',
  });
});

test('AgentIdentifier.identify() refuses a token that is not valid for its audience', async () => {
  expect(await identifier().identify('bad')).toEqual({
    refused: 'token is not valid for audience "tacho-aggregator"',
    code: 'unauthenticated',
  });
});

test('AgentIdentifier without the API server goes on with a token seen within 10 minutes, and with no new one', async () => {
  const { identify, state } = identifier();
  await identify('good-1');
  state.down = true;
  state.ms += 10 * minuteMs;
  expect(await identify('good-1')).toEqual({ node: 'n1', podUid: 'u1' });
  expect(await identify('good-2')).toEqual({
    refused: 'the API server cannot review the token now',
    code: 'unavailable',
    cause: 'connect ECONNREFUSED',
  });
  state.ms += 1;
  expect(await identify('good-1')).toMatchObject({ code: 'unavailable' });
});

test('AgentIdentifier.identify() tells of a failed review none of the API server’s words: they may quote the token', async () => {
  const agents = new AgentIdentifier(
    {
      monotonicMs: () => 0,
      async reviewToken(token) {
        throw new KubeApiError('POST', '/tokenreviews', 500, JSON.stringify({ message: `bad ${token}` }));
      },
    },
    { audience, username },
  );
  expect(await agents.identify('Bearer confidential')).toEqual({
    refused: 'the API server cannot review the token now',
    code: 'unavailable',
    cause: 'API server answered 500',
  });
});

test('AgentIdentifier counts the 10 minutes from the last review, not from the last use', async () => {
  const { identify, state } = identifier();
  await identify('good');
  state.ms += 9 * minuteMs;
  await identify('good');
  state.down = true;
  state.ms += 9 * minuteMs;
  expect(await identify('good')).toEqual({ node: 'n1', podUid: 'u1' });
  state.ms += 2 * minuteMs;
  expect(await identify('good')).toMatchObject({ code: 'unavailable' });
});

test('AgentIdentifier forgets a token as soon as the API server no longer confirms it', async () => {
  const { identify, state } = identifier();
  await identify('good');
  state.revoked = true;
  expect(await identify('good')).toMatchObject({ code: 'unauthenticated' });
  state.down = true;
  expect(await identify('good')).toMatchObject({ code: 'unavailable' });
});

test('AgentIdentifier does not go on with a token that was valid but never accepted', async () => {
  const { identify, state } = identifier({ extra: {} });
  await identify('good');
  state.down = true;
  expect(await identify('good')).toMatchObject({ code: 'unavailable' });
});

test('AgentIdentifier remembers 10,000 tokens and lets the longest unused one go', async () => {
  const { identify, state } = identifier();
  for (let index = 0; index < 10_000; index += 1) await identify(`good-${index}`);
  await identify('good-0');
  await identify('good-10000');
  state.down = true;
  expect(await identify('good-1')).toMatchObject({ code: 'unavailable' });
  for (const token of ['good-0', 'good-2', 'good-10000'])
    expect(await identify(token)).toEqual({ node: 'n1', podUid: 'u1' });
});

test('AgentIdentifier with the API server’s real TokenReview', async () => {
  await using apiserver = await startKubeApiserver();
  const client = reviewer(apiserver);
  const { signal } = new AbortController();
  const agents = new AgentIdentifier(
    {
      monotonicMs: () => 0,
      reviewToken: (token, audiences) => reviewToken(client, token, audiences, signal),
    },
    { audience, username },
  );
  const issue = (claims: object) => {
    const token = apiserver.issueToken({
      username,
      groups: [],
      extra: bound,
      audiences: [audience],
      ...claims,
    });
    return `Bearer ${token}`;
  };
  const good = issue({});
  expect(await agents.identify(good)).toEqual({ node: 'n1', podUid: 'u1' });
  expect(await agents.identify(issue({ audiences: ['other'] }))).toMatchObject({ code: 'unauthenticated' });
  expect(await agents.identify(issue({ audiences: undefined }))).toMatchObject({ code: 'unauthenticated' });
  expect(await agents.identify(issue({ username: 'someone' }))).toMatchObject({ code: 'forbidden' });
  apiserver.faults.tokenReview = 'error';
  expect(await agents.identify(good)).toEqual({ node: 'n1', podUid: 'u1' });
  expect(await agents.identify(issue({}))).toMatchObject({ code: 'unavailable' });
});
