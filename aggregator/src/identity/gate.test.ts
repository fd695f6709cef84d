import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { createPki, type Pki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import type { ApiRequest } from '../api/api-message.ts';
import { respondStatus } from '../api/status.ts';
import type { Wanted } from './access-review.ts';
import { type FrontProxyTrust, readBundle } from './front-proxy.ts';
import { refuse } from './gate.ts';
import type { User } from './user.ts';

const base = '/apis/metrics.k8s.io/v1beta1';
let pki: Pki;
let trust: FrontProxyTrust;
let proxy: X509Certificate;
beforeAll(async () => {
  pki = await createPki();
  proxy = new X509Certificate(
    (await pki.frontProxyCa.issueClient({ commonName: 'front-proxy-client' })).certificate,
  );
  trust = {
    ca: readBundle(pki.frontProxyCa.certificate),
    allowedNames: ['front-proxy-client'],
    usernameHeaders: ['X-Remote-User'],
    uidHeaders: [],
    groupHeaders: ['X-Remote-Group'],
    extraHeaderPrefixes: [],
  };
});

interface Attempt {
  readonly url?: string;
  readonly method?: string;
  readonly certificate?: X509Certificate;
  readonly headers?: readonly string[];
  readonly trusted?: boolean;
  readonly allowed?: boolean;
  readonly reason?: string;
}

/** The body of the refusal as text; undefined when the request may go on. Tells who was asked about, too. */
async function attempt(options: Attempt) {
  const { url = `${base}/pods`, method = 'GET', certificate, headers = [], trusted = true } = options;
  const [path = '', query] = url.split('?');
  const index = headers.findIndex((header, at) => at % 2 === 0 && header.toLowerCase() === 'authorization');
  const request: ApiRequest = {
    ...{ method, path, query: new URLSearchParams(query) },
    header: (name) => (name === 'authorization' && index >= 0 ? headers[index + 1] : undefined),
  };
  const asked: [User, Wanted][] = [];
  const access = {
    async decide(user: User, wanted: Wanted) {
      asked.push([user, wanted]);
      return { allowed: options.allowed ?? false, reason: options.reason ?? '' };
    },
  };
  const deps = { trust: () => (trusted ? trust : undefined), access, wallMs: () => Date.now() };
  const { signal } = new AbortController();
  const status = await refuse(request, { certificate, rawHeaders: headers }, deps, signal);
  return {
    body: status && String(respondStatus(status, request).body),
    users: asked.map(([user]) => user.name),
  };
}

const unauthorized =
  '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n';
const jane = ['X-Remote-User', 'jane', 'X-Remote-Group', 'dev'];
const bearer = ['Authorization', 'Bearer x'];

test('refuse() lets the front proxy’s user in when the authorizer says yes', async () => {
  expect(await attempt({ certificate: proxy, headers: jane, allowed: true })).toEqual({
    body: undefined,
    users: ['jane'],
  });
});

test('refuse() takes the front proxy’s word before a bearer token that comes with it', async () => {
  const headers = [...jane, ...bearer];
  expect(await attempt({ certificate: proxy, headers, allowed: true })).toMatchObject({ users: ['jane'] });
});

test('refuse() takes who comes without credentials for anonymous, whatever X-Remote-User says', async () => {
  for (const headers of [[], jane]) {
    expect((await attempt({ headers, allowed: true })).users).toEqual(['system:anonymous']);
  }
});

const client = (authority: 'clusterCa' | 'frontProxyCa', commonName: string) => async () =>
  new X509Certificate((await pki[authority].issueClient({ commonName })).certificate);

test.each<[string, () => Promise<Attempt>]>([
  ['a bearer token', async () => ({ headers: bearer })],
  ['a basic password', async () => ({ headers: ['authorization', 'Basic x'] })],
  ['a user’s own certificate', async () => ({ certificate: await client('clusterCa', 'jane')() })],
  [
    'a user’s certificate and forged headers',
    async () => ({ certificate: await client('clusterCa', 'front-proxy-client')(), headers: jane }),
  ],
  [
    'a common name that may not speak for users',
    async () => ({ certificate: await client('frontProxyCa', 'other')(), headers: jane }),
  ],
  ['the front proxy’s certificate and no user', async () => ({ certificate: proxy })],
  [
    'the front proxy before its CA was published',
    async () => ({ certificate: proxy, headers: jane, trusted: false }),
  ],
])('refuse() answers 401 to %s, byte by byte, and asks nobody', async (_, options) => {
  expect(await attempt({ ...(await options()), allowed: true })).toEqual({ body: unauthorized, users: [] });
});

const failure = (message: string, details: string) =>
  `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":${JSON.stringify(message)},"reason":"Forbidden","details":${details},"code":403}\n`;
const anonymous = 'User "system:anonymous" cannot';
const inGroup = 'in API group "metrics.k8s.io"';
const pods = '{"group":"metrics.k8s.io","kind":"pods"}';
const named = (name: string, kind: string) => `{"name":"${name}","group":"metrics.k8s.io","kind":"${kind}"}`;

test.each<[string, Attempt, string, string]>([
  [
    'a list of the cluster',
    { url: `${base}/pods` },
    `pods.metrics.k8s.io is forbidden: ${anonymous} list resource "pods" ${inGroup} at the cluster scope`,
    pods,
  ],
  [
    'a list of a namespace, with the authorizer’s reason',
    { url: `${base}/namespaces/default/pods`, reason: 'no rule allows it' },
    `pods.metrics.k8s.io is forbidden: ${anonymous} list resource "pods" ${inGroup} in the namespace "default": no rule allows it`,
    pods,
  ],
  [
    'one pod',
    { url: `${base}/namespaces/default/pods/web-1` },
    `pods.metrics.k8s.io "web-1" is forbidden: ${anonymous} get resource "pods" ${inGroup} in the namespace "default"`,
    named('web-1', 'pods'),
  ],
  [
    'one node',
    { url: `${base}/nodes/n1` },
    `nodes.metrics.k8s.io "n1" is forbidden: ${anonymous} get resource "nodes" ${inGroup} at the cluster scope`,
    named('n1', 'nodes'),
  ],
  [
    'a list of one name',
    { url: `${base}/pods?fieldSelector=metadata.name%3Dx` },
    `pods.metrics.k8s.io "x" is forbidden: ${anonymous} list resource "pods" ${inGroup} at the cluster scope`,
    named('x', 'pods'),
  ],
  [
    'a write',
    { url: `${base}/pods`, method: 'POST' },
    `pods.metrics.k8s.io is forbidden: ${anonymous} create resource "pods" ${inGroup} at the cluster scope`,
    pods,
  ],
  ['a path', { url: '/version' }, `forbidden: ${anonymous} get path "/version"`, '{}'],
  [
    'a path, with the authorizer’s reason',
    { url: '/version', reason: 'because' },
    `forbidden: ${anonymous} get path "/version": because`,
    '{}',
  ],
])('refuse() answers 403 to %s, byte by byte', async (_, options, message, details) => {
  expect((await attempt(options)).body).toBe(failure(message, details));
});

test('refuse() throws when the authorizer cannot be asked', async () => {
  const request = { method: 'GET', path: '/version', query: new URLSearchParams(), header: () => undefined };
  const access = { decide: () => Promise.reject(new Error('away')) };
  const deps = { trust: () => trust, access, wallMs: () => 0 };
  const { signal } = new AbortController();
  await expect(refuse(request, { certificate: undefined, rawHeaders: [] }, deps, signal)).rejects.toThrow(
    'away',
  );
});
