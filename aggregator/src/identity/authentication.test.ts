import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CertificateAndKey } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { type Asking, startGate } from './fixture-gate.ts';

const list = '/apis/metrics.k8s.io/v1/pods';
type Gate = Awaited<ReturnType<typeof startGate>>;
let gate: Gate;
let proxy: CertificateAndKey;
let otherProxy: CertificateAndKey;
let jane: CertificateAndKey;
let stranger: CertificateAndKey;
let good: string;

beforeAll(async () => {
  gate = await startGate();
  const { clusterCa, frontProxyCa, servingCa } = gate.pki;
  [proxy, otherProxy, jane, stranger] = await Promise.all([
    frontProxyCa.issueClient({ commonName: 'front-proxy-client' }),
    frontProxyCa.issueClient({ commonName: 'other' }),
    clusterCa.issueClient({ commonName: 'jane', organizations: ['dev', 'a, b'] }),
    servingCa.issueClient({ commonName: 'front-proxy-client' }),
  ]);
  good = gate.cluster.apiserver.issueToken({
    username: 'joe',
    uid: 'u-2',
    groups: ['ops'],
    extra: { k: ['v'] },
  });
});
afterAll(() => gate[Symbol.asyncDispose]());
beforeEach(() => {
  gate.publish();
  gate.clock.ms += 60_000;
  gate.posted.length = 0;
  gate.results.length = 0;
});

const joe = { name: 'joe', uid: 'u-2', groups: ['ops', 'system:authenticated'], extra: { k: ['v'] } };
const named = { 'X-Remote-User': 'proxied', 'X-Remote-Group': 'g' };
const proxied = { name: 'proxied', uid: '', groups: ['g', 'system:authenticated'], extra: {} };
const credentialId = ({ certificate }: CertificateAndKey) => {
  const sha256 = new X509Certificate(certificate).fingerprint256.replaceAll(':', '').toLowerCase();
  return { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${sha256}`] };
};
const certified = () => ({
  ...{ name: 'jane', uid: '', groups: ['dev', 'a, b', 'system:authenticated'] },
  extra: credentialId(jane),
});

test.each<[string, () => Asking, () => object]>([
  ['the front proxy’s user', () => ({ client: proxy, headers: named }), () => proxied],
  ['a certificate of the users’ CA', () => ({ client: jane }), certified],
  ['a token', () => ({ headers: { Authorization: `Bearer ${good}` } }), () => joe],
  ['a token in odd spelling', () => ({ headers: { Authorization: `  bEaReR ${good} and more` } }), () => joe],
  ['a user’s certificate with X-Remote-User', () => ({ client: jane, headers: named }), certified],
  [
    'the front proxy’s user with a bad token',
    () => ({ client: proxy, headers: { ...named, Authorization: 'Bearer no-token' } }),
    () => proxied,
  ],
  [
    'a user’s certificate with a bad token',
    () => ({ client: jane, headers: { Authorization: 'Bearer no-token' } }),
    certified,
  ],
  [
    'a certificate of nobody’s CA with a good token',
    () => ({ client: stranger, headers: { Authorization: `Bearer ${good}` } }),
    () => joe,
  ],
  [
    'the front proxy’s certificate without a user, with a good token',
    () => ({ client: proxy, headers: { Authorization: `Bearer ${good}` } }),
    () => joe,
  ],
])('a request with %s is authorized as its user', async (_, asking, user) => {
  expect(await gate.ask(list, asking())).toMatchObject({ status: 200, body: 'served' });
  expect(gate.reviewed()).toEqual(user());
  expect(gate.results).toEqual([['success', gate.reviewed()?.name]]);
});

const body401 =
  '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n';

test.each<[string, () => Asking]>([
  ['a bad token', () => ({ headers: { Authorization: 'Bearer no-token' } })],
  ['a certificate that no CA accepts', () => ({ client: stranger })],
  ['a certificate that no CA accepts, and X-Remote-User', () => ({ client: stranger, headers: named })],
  [
    'the front proxy’s CA and a common name that is not allowed',
    () => ({ client: otherProxy, headers: named }),
  ],
  ['the front proxy’s certificate and no user', () => ({ client: proxy })],
  [
    'the front proxy’s certificate and an empty user',
    () => ({ client: proxy, headers: { 'X-Remote-User': '' } }),
  ],
  [
    'a certificate that no CA accepts and a bad token',
    () => ({ client: stranger, headers: { Authorization: 'Bearer no-token' } }),
  ],
])('a request with %s is answered 401, and nobody is asked what it may', async (_, asking) => {
  expect(await gate.ask(list, asking())).toMatchObject({ status: 401, body: body401 });
  expect(gate.reviewed()).toBeUndefined();
  expect(gate.results).toEqual([['error', undefined]]);
  expect(JSON.stringify(gate.lines)).not.toContain('no-token');
});

test.each<[string, () => Asking]>([
  ['nothing', () => ({})],
  [
    'X-Remote headers and no certificate',
    () => ({ headers: { ...named, 'X-Remote-Group': 'system:masters' } }),
  ],
  ['another scheme', () => ({ headers: { Authorization: 'Basic amFuZTpzZWNyZXQ=' } })],
  ['an empty token', () => ({ headers: { Authorization: 'Bearer ' } })],
  ['a token after two spaces', () => ({ headers: { Authorization: `Bearer  ${good}` } })],
])('a request with %s is anonymous, which is forbidden', async (_, asking) => {
  const { status, headers, body } = await gate.ask(list, asking());
  expect([status, headers['x-content-type-options']]).toEqual([403, 'nosniff']);
  expect(JSON.parse(body).message).toBe(
    'pods.metrics.k8s.io is forbidden: User "system:anonymous" cannot list resource "pods" in API group "metrics.k8s.io" at the cluster scope: no rule allows it',
  );
});

test('a certificate means nothing while no CA is known, and its bearer is anonymous', async () => {
  await using fresh = await startGate();
  const client = await fresh.pki.frontProxyCa.issueClient({ commonName: 'front-proxy-client' });
  expect((await fresh.ask(list, { client, headers: named })).status).toBe(403);
  fresh.publish({ 'client-ca-file': undefined });
  expect((await fresh.ask(list, { client, headers: named })).status).toBe(200);
  expect(fresh.reviewed()?.name).toBe('proxied');
});

test('X-Remote-Uid counts only where the cluster publishes that header', async () => {
  const asking = { client: proxy, headers: { ...named, 'X-Remote-Uid': 'u-1' } };
  await gate.ask(list, asking);
  expect(gate.reviewed()?.uid).toBe('u-1');
  gate.publish({ 'requestheader-uid-headers': undefined });
  await gate.ask(list, asking);
  expect(gate.reviewed()?.uid).toBe('');
});

test('any common name may speak for users where none is published', async () => {
  gate.publish({ 'requestheader-allowed-names': '[]' });
  expect((await gate.ask(list, { client: otherProxy, headers: named })).status).toBe(200);
});

test('300 groups, groups with commas and percent-encoded keys come through as they are', async () => {
  const groups = [
    'a,b',
    'c, d',
    ...Array.from({ length: 300 }, (_, index) => `group-${index}-${'x'.repeat(100)}`),
  ];
  const headers = {
    ...named,
    'X-Remote-Group': groups,
    'X-Remote-Extra-Example.com%2fScope': ['one', 'two, three'],
  };
  expect((await gate.ask(list, { client: proxy, headers })).status).toBe(200);
  expect(gate.reviewed()).toEqual({
    ...proxied,
    groups: [...groups, 'system:authenticated'],
    extra: { 'example.com/scope': ['one', 'two, three'] },
  });
});

test('system:masters of the front proxy is asked about nobody', async () => {
  const headers = { 'X-Remote-User': 'system:kube-aggregator', 'X-Remote-Group': 'system:masters' };
  gate.cluster.apiserver.faults.subjectAccessReview = 'error';
  expect((await gate.ask('/apis/metrics.k8s.io/v1', { client: proxy, headers })).status).toBe(200);
  gate.cluster.apiserver.faults.subjectAccessReview = undefined;
  expect(gate.posted).toEqual([]);
});

test('a review that fails is answered 500 with what failed, after five attempts', async () => {
  gate.cluster.apiserver.faults.subjectAccessReview = 'error';
  const answer = await gate.ask(`${list}?a=b&c=%3C`, { client: jane });
  gate.cluster.apiserver.faults.subjectAccessReview = undefined;
  expect(answer).toMatchObject({
    ...{
      status: 500,
      body: expect.stringMatching(
        /^Internal Server Error: "\/apis\/metrics\.k8s\.io\/v1\/pods\?a=b&amp;c=%3C": Internal error occurred: .+\n$/,
      ),
    },
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  });
  expect(gate.posted).toHaveLength(5);
  expect((await gate.ask(list, { client: jane })).status).toBe(200);
});
