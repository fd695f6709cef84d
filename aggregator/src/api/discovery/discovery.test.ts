import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { accepting, ask, hexOf } from '../fixture-reader.ts';
import { text as hex, prefixed } from '../protocol/fixture-protobuf.ts';

const v1 = '{"groupVersion":"metrics.k8s.io/v1","version":"v1"}';
const v1beta1 = '{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}';
const versions = `"versions":[${v1},${v1beta1}],"preferredVersion":${v1}`;

const plain: [string, string][] = [
  [
    '/apis',
    `{"kind":"APIGroupList","groups":[{"name":"metrics.k8s.io",${versions},"serverAddressByClientCIDRs":[{"clientCIDR":"0.0.0.0/0","serverAddress":":10443"}]}]}`,
  ],
  ['/apis/metrics.k8s.io', `{"kind":"APIGroup","apiVersion":"v1","name":"metrics.k8s.io",${versions}}`],
  ...['v1', 'v1beta1'].map((version): [string, string] => [
    `/apis/metrics.k8s.io/${version}`,
    `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"metrics.k8s.io/${version}","resources":[{"name":"nodes","singularName":"","namespaced":false,"kind":"NodeMetrics","verbs":["get","list"]},{"name":"pods","singularName":"","namespaced":true,"kind":"PodMetrics","verbs":["get","list"]}]}`,
  ]),
];

test.each(plain)('%s', (path, body) => {
  const headers = { 'Cache-Control': 'no-cache, private', 'Content-Type': 'application/json' };
  expect(ask(path)).toEqual({ status: 200, headers, body: `${body}\n` });
  expect(ask(`${path}/`).body).toBe(`${body}\n`);
  expect(ask(`${path}?pretty=1`).body).toBe(JSON.stringify(JSON.parse(body), null, 2));
});

test('apiResourceList() as protobuf', () => {
  const response = ask('/apis/metrics.k8s.io/v1', accepting('application/vnd.kubernetes.protobuf'));
  const resource = (name: string, namespaced: string, kind: string) =>
    `0a${hex(name)}10${namespaced}1a${hex(kind)}220b0a036765740a046c697374320042004a005200`;
  const nodes = resource('nodes', '00', 'NodeMetrics');
  const pods = resource('pods', '01', 'PodMetrics');
  const raw = `0a${hex('metrics.k8s.io/v1')}12${prefixed(nodes)}12${prefixed(pods)}`;
  const typeMeta = `0a${hex('v1')}12${hex('APIResourceList')}`;
  expect(hexOf(response)).toBe(`6b3873000a${prefixed(typeMeta)}12${prefixed(raw)}1a002200`);
});

test('apiGroupList() as protobuf has an empty apiVersion', () => {
  const response = ask('/apis', accepting('application/vnd.kubernetes.protobuf'));
  expect(hexOf(response)).toMatch(/^6b3873000a100a00120c41504947726f75704c697374/);
});

describe('aggregated discovery', () => {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const resources =
    '"resources":[{"resource":"nodes","responseKind":{"group":"","version":"","kind":"NodeMetrics"},"scope":"Cluster","singularResource":"","verbs":["get","list"]},{"resource":"pods","responseKind":{"group":"","version":"","kind":"PodMetrics"},"scope":"Namespaced","singularResource":"","verbs":["get","list"]}],"freshness":"Current"';
  const body = `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[{"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1",${resources}},{"version":"v1beta1",${resources}}]}]}`;
  const digest = createHash('sha512').update(body).digest('hex').toUpperCase();
  const headers = { 'Cache-Control': 'public', Vary: 'Accept', Etag: `"${digest}"` };

  test('has the exact body and Content-Type', () => {
    const expected = { status: 200, headers: { ...headers, 'Content-Type': accept }, body: `${body}\n` };
    expect(ask('/apis', accepting(accept))).toEqual(expected);
    expect(ask('/apis', accepting(`${accept};profile=nopeer,application/json`))).toEqual(expected);
  });

  test('is 304 to who has it, and only to them', () => {
    const conditional = (tag: string) => ask('/apis', { headers: { accept, 'if-none-match': tag } });
    expect(conditional(headers.Etag)).toEqual({ status: 304, headers, body: '' });
    expect(conditional(`W/${headers.Etag}`).status).toBe(200);
    const legacy = { headers: { accept: 'application/json', 'if-none-match': headers.Etag } };
    expect(ask('/apis', legacy).status).toBe(200);
    expect(ask('/apis/metrics.k8s.io/v1', legacy).status).toBe(200);
  });

  test('has v2beta1 for older servers, under a tag of its own', () => {
    const beta = accept.replace('v2', 'v2beta1');
    const response = ask('/apis', accepting(beta));
    expect(response.body).toBe(`${body.replace('k8s.io/v2"', 'k8s.io/v2beta1"')}\n`);
    expect(response.headers['Content-Type']).toBe(beta);
    expect(response.headers['Etag']).not.toBe(headers.Etag);
  });

  test('has a protobuf form', () => {
    const response = ask('/apis', accepting(accept.replace('json', 'vnd.kubernetes.protobuf')));
    expect(response.headers['Content-Type']).toBe(accept.replace('json', 'vnd.kubernetes.protobuf'));
    const metadata = `0a${hex('metrics.k8s.io')}12001a0022002a00320038004200`;
    expect(hexOf(response)).toContain(`0a${prefixed(metadata)}12`);
    const kind = prefixed(`0a0012001a${hex('NodeMetrics')}`);
    const nodes = `0a${hex('nodes')}12${kind}1a${hex('Cluster')}22002a036765742a046c697374`;
    expect(hexOf(response).split(prefixed(nodes))).toHaveLength(3);
  });
});
