import { expect, test } from 'vitest';
import type { ApiRequest } from '../api/protocol/api-message.ts';
import { keptLog } from '../fixture-log.ts';
import { Undecided } from './access-review.ts';
import { refuse } from './gate.ts';
import { PeerCertificates } from './peer-certificate.ts';
import { TooManyReviews } from './shared-reviews.ts';

const base = '/apis/metrics.k8s.io/v1beta1';
const { signal } = new AbortController();

interface Attempt {
  readonly url?: string;
  readonly method?: string;
  readonly decide?: () => Promise<{ allowed: boolean; reason: string }>;
  readonly reason?: string;
  readonly user?: string;
}

/** The answer to somebody with a token; undefined when the request may go on. */
async function attempt({
  url = `${base}/pods`,
  method = 'GET',
  decide,
  reason = '',
  user = 'jane',
}: Attempt) {
  const [path = '', query] = url.split('?');
  const request: ApiRequest = {
    ...{ method, path, query: new URLSearchParams(query) },
    header: (name) => (name === 'authorization' ? 'Bearer x' : undefined),
  };
  const { log, lines } = keptLog();
  const answer = await refuse(
    request,
    { connection: { getPeerX509Certificate: () => undefined }, rawHeaders: [], requestUri: url },
    {
      ...{ log, peers: new PeerCertificates(), wallMs: () => 0 },
      trust: () => ({ frontProxy: undefined, clientCa: undefined }),
      tokens: { user: async () => ({ user: { name: user, uid: '', groups: [], extra: {} } }) },
      access: { decide: decide ?? (async () => ({ allowed: false, reason })) },
    },
    signal,
  );
  return { answer, lines, body: answer && String(answer.body) };
}

test('refuse() lets a request go on when the authorizer says yes', async () => {
  const { answer } = await attempt({ decide: async () => ({ allowed: true, reason: '' }) });
  expect(answer).toBeUndefined();
});

const failure = (message: string, details: string) =>
  `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":${JSON.stringify(message)},"reason":"Forbidden","details":${details},"code":403}\n`;
const jane = 'User "jane" cannot';
const inGroup = 'in API group "metrics.k8s.io"';
const pods = '{"group":"metrics.k8s.io","kind":"pods"}';
const named = (name: string, kind: string) => `{"name":"${name}","group":"metrics.k8s.io","kind":"${kind}"}`;

test.each<[string, Attempt, string, string]>([
  [
    'a list of the cluster',
    { url: `${base}/pods` },
    `pods.metrics.k8s.io is forbidden: ${jane} list resource "pods" ${inGroup} at the cluster scope`,
    pods,
  ],
  [
    'a list of a namespace, with the authorizer’s reason',
    { url: `${base}/namespaces/default/pods`, reason: 'no <rule> allows it' },
    `pods.metrics.k8s.io is forbidden: ${jane} list resource "pods" ${inGroup} in the namespace "default": no <rule> allows it`,
    pods,
  ],
  [
    'one pod',
    { url: `${base}/namespaces/default/pods/web-1` },
    `pods.metrics.k8s.io "web-1" is forbidden: ${jane} get resource "pods" ${inGroup} in the namespace "default"`,
    named('web-1', 'pods'),
  ],
  [
    'a subresource',
    { url: `${base}/nodes/n1/status` },
    `nodes.metrics.k8s.io "n1" is forbidden: ${jane} get resource "nodes/status" ${inGroup} at the cluster scope`,
    named('n1', 'nodes'),
  ],
  [
    'a list of one name',
    { url: `${base}/pods?fieldSelector=metadata.name%3Dx` },
    `pods.metrics.k8s.io "x" is forbidden: ${jane} list resource "pods" ${inGroup} at the cluster scope`,
    named('x', 'pods'),
  ],
  [
    'a write',
    { url: `${base}/pods`, method: 'POST' },
    `pods.metrics.k8s.io is forbidden: ${jane} create resource "pods" ${inGroup} at the cluster scope`,
    pods,
  ],
  ['a path', { url: '/version' }, `forbidden: ${jane} get path "/version"`, '{}'],
  [
    'a path, with the authorizer’s reason',
    { url: '/version', reason: 'because' },
    `forbidden: ${jane} get path "/version": because`,
    '{}',
  ],
  [
    'the legacy API',
    { url: '/api/v1/secrets' },
    `secrets is forbidden: ${jane} list resource "secrets" in API group "" at the cluster scope`,
    '{"kind":"secrets"}',
  ],
])('refuse() answers 403 to %s, byte by byte', async (_, options, message, details) => {
  const { answer, body } = await attempt(options);
  expect(body).toBe(failure(message, details).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e'));
  expect(answer?.headers).toMatchObject({ 'X-Content-Type-Options': 'nosniff' });
});

test('refuse() keeps names in a refusal from looking like HTML', async () => {
  const { body } = await attempt({ url: '/version', user: '<b>&' });
  expect(JSON.parse(body ?? '').message).toBe('forbidden: User "&lt;b&gt;&amp;" cannot get path "/version"');
});

test('refuse() answers 500 where nobody can decide, and logs it', async () => {
  const decide = () => Promise.reject(new Undecided('connect ECONNREFUSED <10.0.0.1:6443>'));
  const { answer, lines } = await attempt({ url: `${base}/pods?limit=1&x`, decide });
  expect(answer).toEqual({
    status: 500,
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-cache, private',
      'X-Content-Type-Options': 'nosniff',
    },
    body: `Internal Server Error: "${base}/pods?limit=1&amp;x": connect ECONNREFUSED &lt;10.0.0.1:6443&gt;\n`,
  });
  expect(lines).toMatchObject([{ level: 50, path: `${base}/pods` }]);
});

test('refuse() answers 429 where too many reviews wait already', async () => {
  const { answer } = await attempt({ decide: () => Promise.reject(new TooManyReviews(7)) });
  expect(answer).toMatchObject({
    ...{ status: 429, headers: { 'Retry-After': '1' } },
    body: 'Too many requests, please try again later.\n',
  });
});

test('refuse() throws what an authorizer throws that was not asked', async () => {
  await expect(attempt({ decide: () => Promise.reject(new TypeError('defect')) })).rejects.toThrow('defect');
});
