import { expect, test } from 'vitest';
import { startCluster } from './fixture-cluster.ts';
import { reviewToken, reviewUserToken } from './token-review.ts';

const { signal } = new AbortController();
const audiences = ['tacho-aggregator'];
const username = 'system:serviceaccount:tacho:tacho-agent';
const extra = { 'authentication.kubernetes.io/node-name': ['n1'] };

/** Reviews with a client that gives this status. */
const reviewed = (status: object | undefined) =>
  reviewToken({ post: async () => ({ status }) }, 'token', audiences, signal);

test('reviewToken() tells whom a token stands for, as the API server says', async () => {
  await using cluster = await startCluster();
  const token = cluster.apiserver.issueToken({
    username,
    groups: ['g'],
    extra,
    audiences: [...audiences, 'b'],
  });
  expect(await reviewToken(cluster.client, token, audiences, signal)).toEqual({
    username,
    extra,
  });
});

test('reviewToken() of a token that is revoked, unknown or for another audience is undefined', async () => {
  await using cluster = await startCluster();
  const token = cluster.apiserver.issueToken({ username, groups: [], audiences });
  cluster.apiserver.revokeToken(token);
  const elsewhere = cluster.apiserver.issueToken({ username, groups: [], audiences: ['other'] });
  for (const each of [
    token,
    'never issued',
    elsewhere,
    cluster.apiserver.issueToken({ username, groups: [] }),
  ]) {
    expect(await reviewToken(cluster.client, each, audiences, signal)).toBeUndefined();
  }
});

test('reviewToken() throws when the API server fails or takes longer than an agent waits', async () => {
  await using cluster = await startCluster();
  cluster.apiserver.faults.tokenReview = 'error';
  await expect(reviewToken(cluster.client, 't', audiences, signal)).rejects.toThrow(/answered 500/);
  cluster.apiserver.faults.tokenReview = 'hang';
  await expect(reviewToken(cluster.client, 't', audiences, signal, 30)).rejects.toThrow(/timeout|abort/i);
  await expect(reviewToken(cluster.client, 't', audiences, AbortSignal.abort())).rejects.toThrow(/abort/i);
});

const user = { username };

test.each([
  ['no status', undefined],
  ['not authenticated', { authenticated: false, user, audiences }],
  ['no word of authenticated', { user, audiences }],
  ['no user', { authenticated: true, audiences }],
  ['a user without a name', { authenticated: true, user: {}, audiences }],
  ['no audience confirmed', { authenticated: true, user }],
  ['an empty list of audiences', { authenticated: true, user, audiences: [] }],
  ['another audience confirmed', { authenticated: true, user, audiences: ['other'] }],
])('reviewToken() with %s in the answer is undefined', async (_, status) => {
  expect(await reviewed(status)).toBeUndefined();
});

test('reviewToken() takes a token that is meant for other audiences too', async () => {
  const status = { authenticated: true, user, audiences: ['other', ...audiences] };
  expect(await reviewed(status)).toEqual({ username, extra: {} });
});

test('reviewToken() throws at an answer that says yes and names an error, and does not quote it', async () => {
  await expect(reviewed({ authenticated: true, user, audiences, error: 'odd' })).rejects.toThrow(
    /found both$/,
  );
});

const retries = { sleep: async () => undefined, random: () => 0 };

test('reviewUserToken() is the whole user of a token for the API server itself', async () => {
  await using cluster = await startCluster();
  const joe = { username: 'joe', uid: 'u', groups: ['ops'], extra: { k: ['v'] } };
  const token = cluster.apiserver.issueToken(joe);
  expect(await reviewUserToken(cluster.client, retries, token, signal)).toEqual({
    ...joe,
    groups: ['ops', 'system:authenticated'],
  });
});

test('reviewUserToken() of a token for another audience throws: the API server says what is wrong', async () => {
  await using cluster = await startCluster();
  const token = cluster.apiserver.issueToken({ username, groups: [], audiences });
  const review = reviewUserToken(cluster.client, retries, token, signal);
  await expect(review).rejects.toThrow(/^the API server says that the token is not valid$/);
});

test.each([undefined, {}, { authenticated: false, user }, { user }])(
  'reviewUserToken() of a token with status %j is undefined, a plain no',
  async (status) => {
    const client = { post: async () => ({ status }) };
    expect(await reviewUserToken(client, retries, 't', signal)).toBeUndefined();
  },
);

test('reviewUserToken() asks without audiences, and five times within its time where the failure may pass', async () => {
  await using cluster = await startCluster();
  const asked: object[] = [];
  const client = {
    post: (path: string, body: object, until: AbortSignal) => {
      asked.push(body);
      return cluster.client.post(path, body, until);
    },
  };
  cluster.apiserver.faults.tokenReview = 'error';
  await expect(reviewUserToken(client, retries, 't', signal)).rejects.toThrow(/answered 500/);
  expect(asked).toHaveLength(5);
  expect(asked[0]).toMatchObject({ spec: { token: 't' } });
  expect(JSON.stringify(asked)).not.toContain('audiences');
  cluster.apiserver.faults.tokenReview = 'hang';
  await expect(reviewUserToken(client, retries, 't', signal, 30)).rejects.toThrow(/timeout|abort/i);
  expect(asked).toHaveLength(6);
});
