import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchFrom } from './api-client.ts';
import { admin, type StandInKubeApiserver, startKubeApiserver } from './kube-apiserver.ts';
import type { CertificateAndKey } from './pki.ts';

let apiserver: StandInKubeApiserver;
let client: CertificateAndKey;
const path = '/api/v1/namespaces/default/configmaps/c';
const mergePatch = { 'Content-Type': 'application/merge-patch+json' };

beforeEach(async () => {
  apiserver = await startKubeApiserver();
  client = await apiserver.pki.clusterCa.issueClient({
    commonName: admin.username,
    organizations: admin.groups,
  });
  apiserver.store.create('configmaps', {
    metadata: { namespace: 'default', name: 'c' },
    data: { a: '1', b: '2' },
  });
});
afterEach(() => apiserver.close());

const stored = () => apiserver.store.get('configmaps', 'c', 'default');
const put = (body: unknown) => fetchFrom(apiserver, path, { client, method: 'PUT', body });
const patch = (body: unknown, headers = mergePatch) =>
  fetchFrom(apiserver, path, { client, method: 'PATCH', body, headers });

describe('PUT over HTTP', () => {
  it('replaces the object and answers with it; an older resourceVersion is a conflict', async () => {
    const before = stored();
    const answer = await put({ ...before, data: { a: '3' } });
    expect(answer).toMatchObject({ code: 200, json: { kind: 'ConfigMap', data: { a: '3' } } });
    expect(answer.json).toEqual(stored());
    expect(await put({ ...before, data: {} })).toMatchObject({ code: 409, json: { reason: 'Conflict' } });
  });

  it('refuses another name, another kind, what does not exist and what is no JSON', async () => {
    const object = stored();
    const named = { ...object, metadata: { ...object?.metadata, name: 'd' } };
    expect(await put(named)).toMatchObject({ code: 400 });
    expect(await put({ ...object, kind: 'Secret' })).toMatchObject({ code: 400 });
    expect(await put(null)).toMatchObject({ code: 400 });
    expect(await put('{')).toMatchObject({ code: 400 });
    const missing = path.replace(/c$/, 'd');
    expect(await fetchFrom(apiserver, missing, { client, method: 'PUT', body: named })).toMatchObject({
      code: 404,
    });
  });

  it('leaves status alone', async () => {
    const name = 'v1.example.org';
    const condition = { type: 'Available', status: 'True' };
    const created = apiserver.store.create('apiservices', {
      metadata: { name },
      spec: {},
      status: { conditions: [condition] },
    });
    const body = { ...created, spec: { caBundle: 'AAAA' }, status: {} };
    const apiService = `/apis/apiregistration.k8s.io/v1/apiservices/${name}`;
    await fetchFrom(apiserver, apiService, { client, method: 'PUT', body });
    expect(apiserver.store.get('apiservices', name)).toMatchObject({
      spec: { caBundle: 'AAAA' },
      status: { conditions: [condition] },
    });
  });
});

describe('PATCH over HTTP', () => {
  it('merges as RFC 7386 says', async () => {
    expect(await patch({ data: { a: null, c: '3' } })).toMatchObject({ code: 200 });
    expect(stored()).toMatchObject({ data: { b: '2', c: '3' } });
    expect(stored()?.['data']).not.toHaveProperty('a');
  });

  it('with an older resourceVersion is a conflict, of another form is refused', async () => {
    expect(await patch({ metadata: { resourceVersion: '1' } })).toMatchObject({ code: 409 });
    expect(await patch([], { 'Content-Type': 'application/json-patch+json' })).toMatchObject({ code: 415 });
  });
});
