import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchFrom, remaining, watchLines } from './api-client.ts';
import { aggregatorUsername } from './authorization.ts';
import { admin, type StandInKubeApiserver, startKubeApiserver } from './kube-apiserver.ts';
import { type CertificateAndKey, createCertificateAuthority } from './pki.ts';

let apiserver: StandInKubeApiserver;
let client: CertificateAndKey;

beforeEach(async () => {
  apiserver = await startKubeApiserver({ now: () => new Date('2026-01-01T00:00:00Z') });
  client = await apiserver.pki.clusterCa.issueClient({
    commonName: admin.username,
    organizations: admin.groups,
  });
});
afterEach(() => apiserver.close());

const pod = (name: string, phase = 'Running') => ({
  metadata: { namespace: 'default', name },
  status: { phase },
});

describe('startKubeApiserver()', () => {
  it('says what it is', async () => {
    const lines: string[] = [];
    await using other = await startKubeApiserver({ log: (line) => lines.push(line) });
    const { json } = await fetchFrom(other, '/version');
    expect(json).toMatchObject({ gitVersion: 'v1.37.0-tacho-stand-in' });
    expect(lines).toEqual([expect.stringContaining('kube-apiserver stand-in')]);
  });

  it('publishes both CAs where an extension API server looks for them', async () => {
    const path = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
    const { json } = await fetchFrom(apiserver, path, { client });
    expect(json).toMatchObject({
      kind: 'ConfigMap',
      data: {
        'client-ca-file': apiserver.pki.clusterCa.certificate,
        'requestheader-client-ca-file': apiserver.pki.frontProxyCa.certificate,
        'requestheader-allowed-names': '["front-proxy-client"]',
      },
    });
  });

  it('close() ends open watches and can be called twice', async () => {
    const watch = watchLines(apiserver, '/api/v1/namespaces?watch=true', { client });
    expect((await watch.next()).value).toMatchObject({ type: 'ADDED' });
    await apiserver.close();
    await apiserver.close();
    const names = await remaining(watch).then(
      (lines) => lines.map(({ object }) => object.metadata.name),
      (error: NodeJS.ErrnoException) => error.code,
    );
    // A connection that is cut may be seen before or after the line that was under way.
    expect([['kube-system'], 'ECONNRESET']).toContainEqual(names);
  });
});

describe('authentication and authorisation', () => {
  it('a client certificate of the cluster CA is its user, of another CA nobody', async () => {
    const otherCa = await createCertificateAuthority('kubernetes');
    const forged = await otherCa.issueClient({ commonName: 'x', organizations: ['system:masters'] });
    expect(new X509Certificate(forged.certificate).subject).toContain('system:masters');
    expect(await fetchFrom(apiserver, '/api/v1/nodes', { client })).toMatchObject({ code: 200 });
    expect(await fetchFrom(apiserver, '/api/v1/nodes', { client: forged })).toMatchObject({
      code: 401,
      json: { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized', code: 401 },
    });
  });

  it('a token is its user until it expires or is revoked; for another audience it is refused', async () => {
    const user = { username: aggregatorUsername, groups: ['system:serviceaccounts'] };
    const token = apiserver.issueToken(user);
    const expired = apiserver.issueToken({ ...user, expiresAt: new Date('2025-12-31T23:59:59Z') });
    const elsewhere = apiserver.issueToken({ ...user, audiences: ['tacho'] });
    const code = async (bearer: string) =>
      (await fetchFrom(apiserver, '/api/v1/nodes', { token: bearer })).code;
    expect(await code(token)).toBe(200);
    expect(await code(expired)).toBe(401);
    expect(await code(elsewhere)).toBe(401);
    apiserver.revokeToken(token);
    expect(await code(token)).toBe(401);
  });

  it('the aggregator may read the one ConfigMap, by name or pinned in a list, and no other', async () => {
    const token = apiserver.issueToken({ username: aggregatorUsername, groups: [] });
    const configMaps = '/api/v1/namespaces/kube-system/configmaps';
    const pinned = 'fieldSelector=metadata.name%3Dextension-apiserver-authentication';
    const code = async (path: string, method = 'GET') =>
      (await fetchFrom(apiserver, path, { token, method })).code;
    expect(await code(`${configMaps}/extension-apiserver-authentication`)).toBe(200);
    expect(await code(`${configMaps}?${pinned}`)).toBe(200);
    expect(await code(configMaps)).toBe(403);
    expect(await code(`${configMaps}/other`)).toBe(403);
    expect(await code('/api/v1/namespaces')).toBe(403);
    expect(await code('/api/v1/pods', 'DELETE')).toBe(403);
  });

  it('anonymous callers, whatever X-Remote-User says, are refused in words that kubectl prints', async () => {
    const headers = { 'X-Remote-User': 'root', 'X-Remote-Group': 'system:masters' };
    const { code, json } = await fetchFrom(apiserver, '/api/v1/namespaces/default/pods', { headers });
    expect(code).toBe(403);
    expect(json).toMatchObject({
      reason: 'Forbidden',
      message:
        'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
    });
  });
});

describe('LIST over HTTP', () => {
  it('continues from page to page with a count of the rest', async () => {
    for (const name of ['a', 'b', 'c']) apiserver.store.create('pods', pod(name));
    const first = await fetchFrom(apiserver, '/api/v1/pods?limit=2', { client });
    const { metadata } = first.json as { metadata: { continue: string; resourceVersion: string } };
    expect(metadata).toMatchObject({ remainingItemCount: 1 });
    const path = `/api/v1/pods?limit=2&continue=${metadata.continue}`;
    const second = await fetchFrom(apiserver, path, { client });
    expect(second.json).toMatchObject({
      kind: 'PodList',
      metadata: { resourceVersion: metadata.resourceVersion },
      items: [{ metadata: { name: 'c' } }],
    });
    expect(await fetchFrom(apiserver, path, { client })).toMatchObject({
      code: 410,
      json: { reason: 'Expired' },
    });
  });

  it('selects by namespace, label and field; refuses what it does not understand', async () => {
    apiserver.store.create('pods', { ...pod('a'), spec: { nodeName: 'n1' } });
    apiserver.store.create('pods', pod('b', 'Succeeded'));
    const names = async (query: string) => {
      const { json } = await fetchFrom(apiserver, `/api/v1/namespaces/default/pods?${query}`, { client });
      return (json as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);
    };
    expect(await names('fieldSelector=spec.nodeName%3Dn1')).toEqual(['a']);
    expect(await names('fieldSelector=status.phase!%3DRunning')).toEqual(['b']);
    expect(await names('labelSelector=app')).toEqual([]);
    const wrong = await fetchFrom(apiserver, '/api/v1/pods?fieldSelector=x%3Dy', { client });
    expect(wrong).toMatchObject({ code: 400, json: { message: 'field label not supported: x' } });
    expect(await fetchFrom(apiserver, '/api/v1/pods?limit=many', { client })).toMatchObject({ code: 400 });
  });

  it('a missing object and an unknown resource are 404, a write is 405', async () => {
    const missing = await fetchFrom(apiserver, '/api/v1/nodes/n9', { client });
    expect(missing).toMatchObject({
      code: 404,
      json: { message: 'nodes "n9" not found', reason: 'NotFound' },
    });
    expect(await fetchFrom(apiserver, '/api/v1/widgets', { client })).toMatchObject({ code: 404 });
    expect(await fetchFrom(apiserver, '/openapi/v3', { client })).toMatchObject({ code: 404 });
    expect(await fetchFrom(apiserver, '/api/v1/nodes', { client, method: 'POST', body: {} })).toMatchObject({
      code: 405,
    });
  });
});

describe('WATCH over HTTP', () => {
  it('goes on from a version, through a selector, with the changes made while it runs', async () => {
    const { metadata } = apiserver.store.create('pods', pod('a'));
    apiserver.store.create('pods', pod('b'));
    const path =
      `/api/v1/pods?watch=true&resourceVersion=${metadata.resourceVersion}` +
      '&fieldSelector=status.phase!%3DSucceeded';
    const watch = watchLines(apiserver, path, { client });
    expect((await watch.next()).value).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
    apiserver.store.update('pods', pod('a', 'Succeeded'));
    expect((await watch.next()).value).toMatchObject({
      type: 'DELETED',
      object: { kind: 'Pod', metadata: { name: 'a' }, status: { phase: 'Running' } },
    });
    await watch.return();
  });

  it('without a version starts with what is there, and a bookmark ends that when asked for', async () => {
    apiserver.store.create('nodes', { metadata: { name: 'n1' } });
    const query =
      'watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
    const watch = watchLines(apiserver, `/api/v1/nodes?${query}`, { client });
    expect((await watch.next()).value).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'n1' } } });
    expect((await watch.next()).value).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'Node',
        apiVersion: 'v1',
        metadata: {
          resourceVersion: String(apiserver.store.resourceVersion()),
          annotations: { 'k8s.io/initial-events-end': 'true' },
        },
      },
    });
    await watch.return();
  });

  it('from a version that history has lost is one ERROR event with 410 Expired', async () => {
    const since = apiserver.store.resourceVersion();
    apiserver.store.create('pods', pod('a'));
    apiserver.store.compact();
    const path = `/api/v1/pods?watch=true&resourceVersion=${since}`;
    expect(await remaining(watchLines(apiserver, path, { client }))).toEqual([
      { type: 'ERROR', object: expect.objectContaining({ kind: 'Status', code: 410, reason: 'Expired' }) },
    ]);
  });

  it('ends after timeoutSeconds, with a last bookmark when allowed', async () => {
    const version = apiserver.store.resourceVersion();
    const path = `/api/v1/pods?watch=1&resourceVersion=${version}&timeoutSeconds=1&allowWatchBookmarks=true`;
    const lines = await remaining(watchLines(apiserver, path, { client }));
    expect(lines).toMatchObject([
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version) } } },
    ]);
  });
});

describe('discovery', () => {
  it('answers in the plain and in the aggregated form', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    expect((await fetchFrom(apiserver, '/api', { client })).json).toMatchObject({ versions: ['v1'] });
    expect((await fetchFrom(apiserver, '/apis/apiregistration.k8s.io', { client })).json).toMatchObject({
      kind: 'APIGroup',
      preferredVersion: { version: 'v1' },
    });
    const aggregated = await fetchFrom(apiserver, '/api', { client, headers: { accept } });
    expect(aggregated.headers['content-type']).toContain('as=APIGroupDiscoveryList');
    expect(aggregated.json).toMatchObject({
      kind: 'APIGroupDiscoveryList',
      items: [{ metadata: { name: '' }, versions: [{ version: 'v1', freshness: 'Current' }] }],
    });
    expect((await fetchFrom(apiserver, '/api/v1', { client })).json).toMatchObject({
      groupVersion: 'v1',
      resources: expect.arrayContaining([
        expect.objectContaining({ name: 'pods', kind: 'Pod', namespaced: true }),
      ]),
    });
  });
});
