import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AggregatedCluster,
  group,
  path,
  serverName,
  startAggregatedCluster,
} from './aggregated-cluster.ts';
import { fetchFrom } from './api-client.ts';
import { aggregatedDiscoveryType } from './discovery.ts';
import type { StandInKubeApiserver } from './kube-apiserver.ts';
import type { KubeObject } from './object-store.ts';
import { type CertificateAndKey, createCertificateAuthority } from './pki.ts';

let cluster: AggregatedCluster;
let apiserver: StandInKubeApiserver;
let client: CertificateAndKey;

beforeEach(async () => {
  cluster = await startAggregatedCluster();
  ({ apiserver, client } = cluster);
});
afterEach(() => cluster[Symbol.asyncDispose]());

describe('registerApiService()', () => {
  const condition = () => {
    const [state] = apiserver.apiServices();
    return { name: state?.name, available: state?.available, message: state?.message };
  };

  it('probes as system:kube-aggregator of system:masters and reports Available', async () => {
    const users = new Set<string>();
    const url = await cluster.startBackend((request, response) => {
      users.add(`${request.headers['x-remote-user']} of ${request.headers['x-remote-group']}`);
      response.end('{}');
    });
    await cluster.register(url);
    expect(users).toEqual(new Set(['system:kube-aggregator of system:masters']));
    expect(condition()).toEqual({ name: 'v1.example.org', available: true, message: 'all checks passed' });
    const { json } = await fetchFrom(apiserver, '/apis/apiregistration.k8s.io/v1/apiservices', { client });
    expect(json).toMatchObject({
      kind: 'APIServiceList',
      items: [
        {
          metadata: { name: 'v1.example.org' },
          spec: {
            group,
            version: 'v1',
            service: { name: 'tacho-aggregator', namespace: 'tacho', port: Number(new URL(url).port) },
          },
          status: { conditions: [{ type: 'Available', status: 'True', reason: 'Passed' }] },
        },
      ],
    });
  });

  it('refuses a backend whose certificate another CA signed, or signed for another name', async () => {
    const other = await createCertificateAuthority('extension-serving-ca');
    await cluster.register(
      await cluster.startBackend((_, response) => response.end('{}')),
      other.certificate,
    );
    expect(condition()).toMatchObject({ available: false, message: expect.stringMatching(/certificate/) });
    await cluster.register(await cluster.startBackend((_, response) => response.end('{}'), ['127.0.0.1']));
    expect(condition()).toMatchObject({ available: false, message: expect.stringContaining(serverName) });
    const answer = await fetchFrom(apiserver, `${path}/pods`, { client });
    expect(answer).toMatchObject({ code: 503, text: 'service unavailable\n' });
  });

  it('verifies by what the APIService says now, each request anew', async () => {
    await cluster.register(await cluster.startBackend((_, response) => response.end('{}')));
    const { store } = apiserver;
    const object = store.get('apiservices', 'v1.example.org') as KubeObject & { spec: object };
    const other = await createCertificateAuthority('extension-serving-ca');
    const codeWith = async (trust: object) => {
      store.update('apiservices', {
        metadata: { name: 'v1.example.org' },
        spec: { ...object.spec, ...trust },
      });
      return (await fetchFrom(apiserver, `${path}/pods`, { client })).code;
    };
    const caBundle = Buffer.from(other.certificate).toString('base64');
    expect(await codeWith({ caBundle })).toBe(503);
    expect(await codeWith({})).toBe(200);
    expect(await codeWith({ caBundle: undefined, insecureSkipTLSVerify: true })).toBe(200);
    expect(await codeWith({ caBundle: undefined })).toBe(503);
  });

  it('takes no redirect and no refusal for an answer, and tries again until there is one', async () => {
    let code = 301;
    const url = await cluster.startBackend((_, response) => response.writeHead(code).end('{}'));
    await cluster.register(url);
    expect(condition()).toMatchObject({ available: false, message: expect.stringContaining('bad status') });
    const passed = Promise.withResolvers<void>();
    apiserver.store.subscribe(({ object }) => {
      if (JSON.stringify(object['status']).includes('Passed')) passed.resolve();
    });
    code = 200;
    await passed.promise;
    expect(condition()).toMatchObject({ available: true });
  });

  it('merges what the backend serves into discovery, and marks as stale what does not answer', async () => {
    const resources = [
      { resource: 'widgets', responseKind: { kind: 'Widget' }, scope: 'Namespaced', verbs: ['get'] },
    ];
    const body = JSON.stringify({
      items: [{ metadata: { name: group }, versions: [{ version: 'v1', resources, freshness: 'Current' }] }],
    });
    const url = await cluster.startBackend((request, response) => {
      if (request.url !== '/apis') response.end('{}');
      else {
        response.setHeader('Content-Type', aggregatedDiscoveryType);
        response.setHeader('Content-Encoding', 'gzip');
        response.end(gzipSync(body));
      }
    });
    await cluster.register(url);
    const headers = { Accept: aggregatedDiscoveryType };
    const found = async () => {
      const { json } = await fetchFrom(apiserver, '/apis', { client, headers });
      const { items } = json as { items: { metadata: { name: string }; versions: unknown[] }[] };
      return items.find(({ metadata }) => metadata.name === group)?.versions;
    };
    expect(await found()).toEqual([{ version: 'v1', resources, freshness: 'Current' }]);
    const plain = await fetchFrom(apiserver, '/apis', { client });
    expect(plain.json).toMatchObject({
      groups: expect.arrayContaining([expect.objectContaining({ name: group })]),
    });
    await cluster.stopBackends();
    expect(await found()).toEqual([{ version: 'v1', resources: [], freshness: 'Stale' }]);
  });

  it('falls back to the plain document, asked for as a user without groups', async () => {
    const resource = {
      name: 'widgets',
      singularName: 'widget',
      namespaced: true,
      kind: 'Widget',
      verbs: ['get'],
    };
    const url = await cluster.startBackend((request, response) => {
      const { 'x-remote-group': groups, accept } = request.headers;
      if (request.url === '/apis') response.writeHead(404).end();
      else if (groups !== undefined) response.end('{}');
      else if (accept === 'application/json') response.end(JSON.stringify({ resources: [resource] }));
      else response.writeHead(406).end();
    });
    await cluster.register(url);
    const { json } = await fetchFrom(apiserver, '/apis', {
      client,
      headers: { Accept: aggregatedDiscoveryType },
    });
    expect(json).toMatchObject({
      items: expect.arrayContaining([
        {
          metadata: { name: group, creationTimestamp: null },
          versions: [
            {
              version: 'v1',
              freshness: 'Current',
              resources: [
                {
                  resource: 'widgets',
                  responseKind: { group, version: 'v1', kind: 'Widget' },
                  scope: 'Namespaced',
                  singularResource: 'widget',
                  verbs: ['get'],
                },
              ],
            },
          ],
        },
      ]),
    });
  });
});
