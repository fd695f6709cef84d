import { expect, test } from 'vitest';
import { startKubeApiserver } from '../../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { reviewer } from '../kube/fixture-reviewer.ts';
import { KubeApiError } from '../kube/kube-client.ts';
import { AccessReview, Undecided } from './access-review.ts';
import { type AuthorizationOptions, usualAuthorization } from './authentication-options.ts';
import type { Wanted } from './wanted.ts';

const { signal } = new AbortController();
const retries = { sleep: async () => undefined, random: () => 0 };
const jane = {
  name: 'jane',
  uid: 'u-1',
  groups: ['dev', 'system:authenticated'],
  extra: { scopes: ['view'] },
};
const attributes = { verb: 'list', group: 'metrics.k8s.io', version: 'v1', resource: 'pods' };
const listPods: Wanted = { resourceAttributes: attributes };
const path = (each: string): Wanted => ({ nonResourceAttributes: { path: each, verb: 'get' } });

/** An API server that gives this status and notes what it was asked. */
function reviews(status: object | Error | undefined, options: Partial<AuthorizationOptions> = {}) {
  const clock = { ms: 0 };
  const asked: unknown[] = [];
  const post = async (url: string, body: object) => {
    asked.push([url, body]);
    if (status instanceof Error) throw status;
    return { status };
  };
  const deps = { client: { post }, retries, monotonicMs: () => clock.ms };
  const access = new AccessReview(deps, { ...usualAuthorization, ...options });
  const decide = (wanted: Wanted, user = jane, at = '') => access.decide(user, wanted, signal, at);
  return { access, asked, clock, decide };
}

test('AccessReview.decide() asks with the whole user and what is wanted', async () => {
  const { decide, asked } = reviews({ allowed: true });
  expect(await decide(listPods)).toEqual({ allowed: true, reason: '' });
  const { name, ...rest } = jane;
  expect(asked).toEqual([
    [
      '/apis/authorization.k8s.io/v1/subjectaccessreviews?timeout=10s',
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user: name, ...rest, ...listPods },
      },
    ],
  ]);
});

test('AccessReview.decide() lets system:masters do everything without asking', async () => {
  const { decide, asked } = reviews(new Error('away'));
  expect(await decide(listPods, { ...jane, groups: ['system:masters'] })).toMatchObject({ allowed: true });
  expect(asked).toEqual([]);
});

test('AccessReview.decide() lets everybody see health without asking, and nothing below it', async () => {
  const { decide, asked } = reviews({ allowed: false });
  for (const each of ['/healthz', '/livez', '/readyz'])
    expect(await decide(path(each))).toMatchObject({ allowed: true });
  expect(asked).toEqual([]);
  for (const each of ['/readyz/ping', '/readyz/', '//readyz', '/metrics']) {
    expect(await decide(path(each))).toMatchObject({ allowed: false });
  }
});

test('AccessReview.decide() lets everybody see the paths that it was told, but no resource', async () => {
  const { decide } = reviews({ allowed: false }, { alwaysAllowPaths: ['/metrics', 'open*'] });
  for (const each of ['/metrics', '/open', '/openapi/v2'])
    expect(await decide(path(each))).toMatchObject({ allowed: true });
  for (const each of ['/healthz', '/metrics/x', '/ope'])
    expect(await decide(path(each))).toMatchObject({ allowed: false });
  const all = reviews({ allowed: false }, { alwaysAllowPaths: ['*'] });
  expect(await all.decide(path('/any'))).toMatchObject({ allowed: true });
  expect(await all.decide(listPods)).toMatchObject({ allowed: false });
  expect(() => reviews(undefined, { alwaysAllowPaths: ['/a*b'] })).toThrow(/expected a \* at its end/);
});

test.each([
  ['a plain no', { allowed: false, reason: 'no rule' }, { allowed: false, reason: 'no rule' }],
  ['a denial', { denied: true, reason: 'no' }, { allowed: false, reason: 'no' }],
  ['an empty status', {}, { allowed: false, reason: '' }],
  ['no status', undefined, { allowed: false, reason: '' }],
])('AccessReview.decide() takes %s for a no', async (_, status, decision) => {
  expect(await reviews(status).decide(listPods)).toEqual(decision);
});

test('AccessReview.decide() throws, also from memory, when the answer both allows and denies', async () => {
  const { decide, asked } = reviews({ allowed: true, denied: true });
  for (let attempt = 0; attempt < 2; attempt += 1)
    await expect(decide(listPods)).rejects.toThrow(/both allow and deny/);
  expect(asked).toHaveLength(1);
});

test.each([
  [true, 2_000],
  [false, 3_000],
])(
  'AccessReview.decide() remembers for as long as it was told that allowed is %s',
  async (allowed, ttlMs) => {
    const { decide, asked, clock } = reviews({ allowed }, { allowedTtlMs: 2_000, deniedTtlMs: 3_000 });
    await decide(listPods);
    clock.ms = ttlMs - 1;
    expect(await decide(listPods)).toMatchObject({ allowed });
    expect(asked).toHaveLength(1);
    clock.ms = ttlMs;
    await decide(listPods);
    expect(asked).toHaveLength(2);
  },
);

test('AccessReview.decide() remembers for 10 s by default, and nothing for 0 s', async () => {
  expect(usualAuthorization).toMatchObject({ allowedTtlMs: 10_000, deniedTtlMs: 10_000 });
  const { decide, asked } = reviews({ allowed: true }, { allowedTtlMs: 0 });
  await decide(listPods);
  await decide(listPods);
  expect(asked).toHaveLength(2);
});

test('AccessReview.decide() remembers nothing for another user, group, extra, verb, namespace or selector', async () => {
  const { decide, asked } = reviews({ allowed: true });
  const labelSelector = { requirements: [{ key: 'a', operator: 'Exists' }] };
  await decide(listPods);
  await decide(listPods, { ...jane, name: 'joe' });
  await decide(listPods, { ...jane, uid: 'u-2' });
  await decide(listPods, { ...jane, groups: ['dev'] });
  await decide(listPods, { ...jane, extra: { scopes: ['edit'] } });
  await decide({ resourceAttributes: { ...attributes, verb: 'get' } });
  await decide({ resourceAttributes: { ...attributes, namespace: 'default' } });
  await decide({ resourceAttributes: { ...attributes, labelSelector } });
  await decide(path('/version'));
  expect(asked).toHaveLength(9);
});

test('AccessReview.decide() asks once for all that want the same at once', async () => {
  const { decide, asked } = reviews({ allowed: true });
  await Promise.all(Array.from({ length: 100 }, () => decide(listPods)));
  expect(asked).toHaveLength(1);
});

test('AccessReview.decide() throws when the API server cannot answer, and remembers no failure', async () => {
  const { decide, asked } = reviews(new Error('connect ECONNREFUSED'));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const decision = decide(listPods);
    await expect(decision).rejects.toThrow(Undecided);
    await expect(decision).rejects.toThrow('ECONNREFUSED');
  }
  expect(asked).toHaveLength(2);
});

test('AccessReview.decide() throws what the API server says, as it says it', async () => {
  const body = JSON.stringify({ message: 'Internal error occurred: x' });
  const { decide } = reviews(new KubeApiError('POST', '/x', 500, body));
  await expect(decide(listPods)).rejects.toThrow(/^Internal error occurred: x$/);
});

test('AccessReview.decide() asks five times where the failure may pass', async () => {
  const { decide, asked } = reviews(new KubeApiError('POST', '/x', 500, ''));
  await expect(decide(listPods)).rejects.toThrow(Undecided);
  expect(asked).toHaveLength(5);
});

test('AccessReview.decide() remembers nothing when 10,000 bytes or more were chosen by the caller', async () => {
  const { decide, asked } = reviews({ allowed: false });
  const sum = 'list'.length + 'metrics.k8s.io'.length + 'v1'.length + 'pods'.length;
  const times = async (wanted: Wanted, at = '') => {
    asked.length = 0;
    for (let attempt = 0; attempt < 2; attempt += 1) await decide(wanted, jane, at);
    return asked.length;
  };
  expect(await times(path('x'.repeat(9_996)))).toBe(1);
  expect(await times(path('x'.repeat(9_997)))).toBe(2);
  expect(await times(listPods, 'x'.repeat(9_999 - sum))).toBe(1);
  expect(await times({ resourceAttributes: { ...attributes, verb: 'watch' } }, 'x'.repeat(9_999 - sum))).toBe(
    2,
  );
});

test('AccessReview.decide() remembers 8,192 answers and lets the one go that was not used for longest', async () => {
  const { decide, asked } = reviews({ allowed: true });
  for (let index = 0; index < 8_192; index += 1) await decide(path(`/${index}`));
  await decide(path('/0'));
  await decide(path('/new'));
  await decide(path('/0'));
  expect(asked).toHaveLength(8_193);
  await decide(path('/1'));
  expect(asked).toHaveLength(8_194);
});

test('AccessReview.decide() with the API server’s real SubjectAccessReview', async () => {
  await using apiserver = await startKubeApiserver({
    authorize: ({ user, resource }) =>
      resource?.resource === 'subjectaccessreviews' ||
      (user.username === 'jane' && resource?.namespace === 'dev'),
  });
  const deps = { client: reviewer(apiserver), retries, monotonicMs: () => 0 };
  const access = new AccessReview(deps, usualAuthorization);
  const inNamespace = (namespace: string): Wanted => ({ resourceAttributes: { ...attributes, namespace } });
  expect(await access.decide(jane, inNamespace('dev'), signal)).toEqual({ allowed: true, reason: '' });
  expect(await access.decide(jane, inNamespace('prod'), signal)).toMatchObject({ allowed: false });
  apiserver.faults.subjectAccessReview = 'error';
  await expect(access.decide(jane, inNamespace('test'), signal)).rejects.toThrow(/answered 500/);
});
