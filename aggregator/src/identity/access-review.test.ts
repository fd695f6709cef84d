import { expect, test } from 'vitest';
import { startKubeApiserver } from '../../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { reviewer } from '../kube/fixture-reviewer.ts';
import { AccessReview, type Wanted, wantedBy } from './access-review.ts';

const { signal } = new AbortController();
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
function reviews(status: object | Error | undefined) {
  const clock = { ms: 0 };
  const asked: unknown[] = [];
  const post = async (url: string, body: object) => {
    asked.push([url, body]);
    if (status instanceof Error) throw status;
    return { status };
  };
  const access = new AccessReview({ post }, () => clock.ms);
  const decide = (wanted: Wanted, user = jane) => access.decide(user, wanted, signal);
  return { access, asked, clock, decide };
}

test('AccessReview.decide() asks with the whole user and what is wanted', async () => {
  const { decide, asked } = reviews({ allowed: true });
  expect(await decide(listPods)).toEqual({ allowed: true, reason: '' });
  const { name, ...rest } = jane;
  expect(asked).toEqual([
    [
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
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
  expect(await decide(listPods, { ...jane, groups: ['system:masters'] })).toEqual({
    allowed: true,
    reason: '',
  });
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

test.each([
  ['a plain no', { allowed: false, reason: 'no rule' }, { allowed: false, reason: 'no rule' }],
  ['denied beside allowed', { allowed: true, denied: true, reason: 'no' }, { allowed: false, reason: 'no' }],
  ['an empty status', {}, { allowed: false, reason: '' }],
  ['no status', undefined, { allowed: false, reason: '' }],
])('AccessReview.decide() takes %s for a no', async (_, status, decision) => {
  expect(await reviews(status).decide(listPods)).toEqual(decision);
});

test.each([true, false])('AccessReview.decide() remembers for 10 s that allowed is %s', async (allowed) => {
  const { decide, asked, clock } = reviews({ allowed });
  await decide(listPods);
  clock.ms = 9_999;
  expect(await decide(listPods)).toMatchObject({ allowed });
  expect(asked).toHaveLength(1);
  clock.ms = 10_000;
  await decide(listPods);
  expect(asked).toHaveLength(2);
});

test('AccessReview.decide() remembers nothing for another user, group, extra, verb or namespace', async () => {
  const { decide, asked } = reviews({ allowed: true });
  await decide(listPods);
  await decide(listPods, { ...jane, name: 'joe' });
  await decide(listPods, { ...jane, uid: 'u-2' });
  await decide(listPods, { ...jane, groups: ['dev'] });
  await decide(listPods, { ...jane, extra: { scopes: ['edit'] } });
  await decide({ resourceAttributes: { ...attributes, verb: 'get' } });
  await decide({ resourceAttributes: { ...attributes, namespace: 'default' } });
  await decide(path('/version'));
  expect(asked).toHaveLength(8);
});

test('AccessReview.decide() throws when the API server cannot answer, and remembers no failure', async () => {
  const { decide, asked } = reviews(new Error('connect ECONNREFUSED'));
  for (let attempt = 0; attempt < 2; attempt += 1)
    await expect(decide(listPods)).rejects.toThrow('ECONNREFUSED');
  expect(asked).toHaveLength(2);
});

test('AccessReview.decide() remembers no path so long that remembering many would take all memory', async () => {
  const { decide, asked } = reviews({ allowed: false });
  for (let attempt = 0; attempt < 2; attempt += 1) await decide(path(`/${'x'.repeat(10_000)}`));
  expect(asked).toHaveLength(2);
  const manyGroups = Array.from({ length: 2_000 }, (_, index) => `group-${index}`);
  for (let attempt = 0; attempt < 2; attempt += 1) await decide(listPods, { ...jane, groups: manyGroups });
  expect(asked).toHaveLength(3);
});

test('AccessReview.decide() remembers 8,192 answers and lets the oldest go', async () => {
  const { decide, asked } = reviews({ allowed: true });
  for (let index = 0; index <= 8_192; index += 1) await decide(path(`/${index}`));
  await decide(path('/1'));
  expect(asked).toHaveLength(8_193);
  await decide(path('/0'));
  expect(asked).toHaveLength(8_194);
});

test('AccessReview.decide() with the API server’s real SubjectAccessReview', async () => {
  await using apiserver = await startKubeApiserver({
    authorize: ({ user, resource }) =>
      resource?.resource === 'subjectaccessreviews' ||
      (user.username === 'jane' && resource?.namespace === 'dev'),
  });
  const access = new AccessReview(reviewer(apiserver), () => 0);
  const inNamespace = (namespace: string): Wanted => ({ resourceAttributes: { ...attributes, namespace } });
  expect(await access.decide(jane, inNamespace('dev'), signal)).toEqual({ allowed: true, reason: '' });
  expect(await access.decide(jane, inNamespace('prod'), signal)).toMatchObject({ allowed: false });
  apiserver.faults.subjectAccessReview = 'error';
  await expect(access.decide(jane, inNamespace('test'), signal)).rejects.toThrow(/answered 500/);
});

const base = '/apis/metrics.k8s.io/v1';
const about = { group: 'metrics.k8s.io', version: 'v1' };

test.each([
  ['GET', `${base}/nodes`, '', { verb: 'list', resource: 'nodes' }],
  ['GET', `${base}/nodes/n1`, '', { verb: 'get', resource: 'nodes', name: 'n1' }],
  ['GET', `${base}/namespaces/default/pods`, '', { verb: 'list', resource: 'pods', namespace: 'default' }],
  ['GET', `${base}/namespaces/a/pods/p`, '', { verb: 'get', resource: 'pods', namespace: 'a', name: 'p' }],
  [
    'GET',
    `${base}/namespaces/a/pods/p`,
    'watch=1',
    { verb: 'get', resource: 'pods', namespace: 'a', name: 'p' },
  ],
  ['GET', `${base}/namespaces/a%2Fb/pods`, '', { verb: 'list', resource: 'pods', namespace: 'a/b' }],
  ['GET', `${base}/nodes/%zz`, '', { verb: 'get', resource: 'nodes', name: '%zz' }],
  ['HEAD', `${base}/pods`, '', { verb: 'list', resource: 'pods' }],
  ['GET', `${base}/pods`, 'watch=true', { verb: 'watch', resource: 'pods' }],
  ['GET', `${base}/pods`, 'watch=', { verb: 'watch', resource: 'pods' }],
  ['GET', `${base}/pods`, 'watch=foo', { verb: 'watch', resource: 'pods' }],
  ['GET', `${base}/pods`, 'watch=False', { verb: 'list', resource: 'pods' }],
  ['GET', `${base}/pods`, 'watch=0', { verb: 'list', resource: 'pods' }],
  ['GET', `${base}/pods`, 'fieldSelector=metadata.name%3Dp', { verb: 'list', resource: 'pods', name: 'p' }],
  ['GET', `${base}/pods`, 'fieldSelector=metadata.name!%3Dp', { verb: 'list', resource: 'pods' }],
  ['GET', `${base}/pods`, 'fieldSelector=bogus', { verb: 'list', resource: 'pods' }],
  ['POST', `${base}/pods`, '', { verb: 'create', resource: 'pods' }],
  ['PUT', `${base}/nodes/n1`, '', { verb: 'update', resource: 'nodes', name: 'n1' }],
  ['PATCH', `${base}/nodes/n1`, '', { verb: 'patch', resource: 'nodes', name: 'n1' }],
  ['DELETE', `${base}/nodes/n1`, '', { verb: 'delete', resource: 'nodes', name: 'n1' }],
  ['DELETE', `${base}/nodes`, '', { verb: 'deletecollection', resource: 'nodes' }],
  ['OPTIONS', `${base}/nodes`, '', { verb: 'options', resource: 'nodes' }],
])('wantedBy() of %s %s?%s is %j', (method, url, query, wanted) => {
  expect(wantedBy(method, url, new URLSearchParams(query))).toEqual({
    resourceAttributes: { ...about, ...wanted },
  });
});

test.each([
  ['GET', '/', 'get'],
  ['GET', '/apis', 'get'],
  ['GET', '/apis/metrics.k8s.io', 'get'],
  ['GET', base, 'get'],
  ['POST', '/version', 'post'],
  ['GET', '/openapi/v3/apis/metrics.k8s.io/v1', 'get'],
])('wantedBy() of %s %s is a plain path', (method, url, verb) => {
  expect(wantedBy(method, url, new URLSearchParams())).toEqual({
    nonResourceAttributes: { path: url, verb },
  });
});
