import { expect, test } from 'vitest';
import type { ReviewedUser } from '../kube/token-review.ts';
import { BearerTokens, bearerToken, tokenWarning } from './bearer-token.ts';

const { signal } = new AbortController();
const joe: ReviewedUser = { username: 'joe', uid: 'u', groups: ['ops'], extra: { k: ['v'] } };
const user = { user: { name: 'joe', uid: 'u', groups: ['ops'], extra: { k: ['v'] } } };

function tokens(review: () => Promise<ReviewedUser | undefined>, cacheMs = 10_000) {
  const clock = { ms: 0 };
  const asked: string[] = [];
  const deps = {
    review: (token: string) => {
      asked.push(token);
      return review();
    },
    monotonicMs: () => clock.ms,
  };
  const known = new BearerTokens(deps, cacheMs);
  return { clock, asked, userOf: (token: string) => known.user(`Bearer ${token}`, signal) };
}

test.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['  BEARER abc  ', 'abc'],
  ['Bearer abc def', 'abc'],
  ['Bearer', undefined],
  ['Bearer ', undefined],
  ['Bearer  abc', undefined],
  ['Bearer\tabc', undefined],
  ['Basic abc', undefined],
  ['abc', undefined],
  ['', undefined],
  [undefined, undefined],
])('bearerToken() of %j is %j', (authorization, token) => {
  expect(bearerToken(authorization)).toBe(token);
});

test('BearerTokens.user() is whom the API server names, remembered for as long as it was told', async () => {
  const { userOf, asked, clock } = tokens(async () => joe);
  expect(await userOf('t')).toEqual(user);
  clock.ms = 9_999;
  expect(await userOf('t')).toEqual(user);
  expect(asked).toEqual(['t']);
  clock.ms = 10_000;
  await userOf('t');
  expect(asked).toEqual(['t', 't']);
});

test('BearerTokens.user() remembers a plain no as long', async () => {
  const { userOf, asked } = tokens(async () => undefined);
  for (let attempt = 0; attempt < 2; attempt += 1)
    expect(await userOf('t')).toEqual({ error: 'invalid bearer token' });
  expect(asked).toEqual(['t']);
});

test('BearerTokens.user() remembers no failure, and does not quote the token', async () => {
  const { userOf, asked } = tokens(() => Promise.reject(new Error('away')));
  for (let attempt = 0; attempt < 2; attempt += 1)
    expect(await userOf('secret')).toEqual({ error: 'bearer token could not be reviewed: away' });
  expect(asked).toHaveLength(2);
});

test('BearerTokens.user() remembers nothing for 0 s', async () => {
  const { userOf, asked } = tokens(async () => joe, 0);
  await userOf('t');
  await userOf('t');
  expect(asked).toHaveLength(2);
});

test('BearerTokens.user() asks once for all who show one token at once', async () => {
  const { userOf, asked } = tokens(async () => joe);
  const users = await Promise.all(Array.from({ length: 50 }, () => userOf('t')));
  await userOf('other');
  expect(users).toEqual(Array.from({ length: 50 }, () => user));
  expect(asked).toEqual(['t', 'other']);
});

test('BearerTokens.user() remembers 10,000 tokens', async () => {
  const { userOf, asked } = tokens(async () => joe);
  for (let index = 0; index <= 10_000; index += 1) await userOf(`t${index}`);
  await userOf('t1');
  expect(asked).toHaveLength(10_001);
  await userOf('t0');
  expect(asked).toHaveLength(10_002);
});

test.each([
  ['Bearer  token', true],
  ['bearer  ', false],
  ['Bearer token', false],
  ['Basic  token', false],
  [undefined, false],
])('tokenWarning() of %j', (authorization, warned) => {
  expect(tokenWarning(authorization) !== undefined).toBe(warned);
});
