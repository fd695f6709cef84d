import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchFrom, open } from './api-client.ts';
import { aggregatedDiscoveryType } from './discovery.ts';
import { admin, type StandInKubeApiserver, startKubeApiserver } from './kube-apiserver.ts';
import { type CertificateAndKey, createCertificateAuthority } from './pki.ts';

const serverName = 'tacho-aggregator.tacho.svc';
const group = 'example.org';
const path = `/apis/${group}/v1`;

let apiserver: StandInKubeApiserver;
let client: CertificateAndKey;
let backends: Server[];

beforeEach(async () => {
  backends = [];
  apiserver = await startKubeApiserver({ authorize: ({ user }) => user.username === 'dev' });
  client = await apiserver.pki.clusterCa.issueClient({
    commonName: admin.username,
    organizations: admin.groups,
  });
});
afterEach(async () => {
  await apiserver.close();
  for (const backend of backends) {
    backend.closeAllConnections();
    backend.close();
  }
});

/** A backend that demands the front proxy's certificate, and its address. */
async function startBackend(listener: RequestListener, names = [serverName]): Promise<string> {
  const serving = await apiserver.pki.servingCa.issueServing(names);
  const { certificate: cert, key } = serving;
  const ca = apiserver.pki.frontProxyCa.certificate;
  const backend = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, listener);
  backends.push(backend);
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
  return `https://127.0.0.1:${(backend.address() as AddressInfo).port}`;
}

function register(url: string, caBundle = apiserver.pki.servingCa.certificate): Promise<void> {
  return apiserver.registerApiService({ group, versions: ['v1'], url, caBundle, serverName });
}

/** Answers the probe, hands the rest on. */
function available(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url === path || request.url === '/apis') response.end('{"resources":[]}');
    else listener(request, response);
  };
}

describe('proxy', () => {
  it('names the caller by the front proxy alone: what the client says about identity does not arrive', async () => {
    const seen: IncomingMessage[] = [];
    const url = await startBackend(
      available((request, response) => {
        seen.push(request);
        response.setHeader('X-Backend', ['1', '2']);
        response.end('answer');
      }),
    );
    await register(url);
    const token = apiserver.issueToken({
      username: 'dev',
      uid: 'uid-1',
      groups: ['team, a', 'b'],
      extra: { 'example.org/Scope': ['x'] },
    });
    const headers = {
      'X-Remote-User': 'root',
      'x-remote-group': 'system:masters',
      'X-Remote-Extra-Scope': 'all',
      'Impersonate-User': 'root',
      Accept: 'a/b',
    };
    const answer = await fetchFrom(apiserver, `${path}/pods?b=2&labelSelector=a+in+%28x%29&a=1`, {
      token,
      headers,
    });
    expect(answer).toMatchObject({ code: 200, text: 'answer', headers: { 'x-backend': '1, 2' } });

    const [request] = seen;
    expect(request?.url).toBe(`${path}/pods?a=1&b=2&labelSelector=a+in+%28x%29`);
    const socket = request?.socket as TLSSocket & { servername: string };
    expect(socket.getPeerCertificate().subject.CN).toBe('front-proxy-client');
    expect(socket.servername).toBe(serverName);
    const received = request?.headersDistinct ?? {};
    expect(received).toMatchObject({
      accept: ['a/b'],
      host: [new URL(url).host],
      'x-remote-user': ['dev'],
      'x-remote-uid': ['uid-1'],
      'x-remote-group': ['team, a', 'b', 'system:authenticated'],
      'x-remote-extra-example.org%2fscope': ['x'],
      'x-forwarded-uri': [`${path}/pods`],
    });
    const names = Object.keys(received);
    expect(names.filter((name) => /^(authorization|impersonate|x-remote-extra-scope)/.test(name))).toEqual(
      [],
    );
  });

  it('asks its own authorisation first', async () => {
    await register(await startBackend(available((_, response) => response.end('answer'))));
    const token = apiserver.issueToken({ username: 'nobody', groups: [] });
    expect(await fetchFrom(apiserver, `${path}/pods`, { token })).toMatchObject({
      code: 403,
      json: { message: expect.stringContaining('cannot list resource "pods" in API group "example.org"') },
    });
  });

  it('streams the body of a request, and an answer that does not end', async () => {
    const url = await startBackend(
      available((request, response) => {
        request.once('data', (chunk) => response.write(`first ${chunk}`));
      }),
    );
    await register(url);
    const response = await open(apiserver, `${path}/pods?watch=true`, {
      client,
      method: 'POST',
      body: 'ping',
    });
    const [chunk] = await once(response, 'data');
    expect(String(chunk)).toBe('first ping');
    response.destroy();
  });

  it('ends the backend’s request when the client leaves', async () => {
    const left = Promise.withResolvers<void>();
    const url = await startBackend(
      available((_, response) => {
        response.once('close', left.resolve);
        response.write('event');
      }),
    );
    await register(url);
    const response = await open(apiserver, `${path}/pods?watch=true`, { client });
    await once(response, 'data');
    response.destroy();
    await left.promise;
  });

  it('passes gzip through as it is', async () => {
    const url = await startBackend(
      available((request, response) => {
        response.setHeader('Content-Encoding', request.headers['accept-encoding'] ?? 'identity');
        response.end(gzipSync('compressed'));
      }),
    );
    await register(url);
    const answer = await fetchFrom(apiserver, `${path}/pods`, {
      client,
      headers: { 'Accept-Encoding': 'gzip' },
    });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(answer.bytes).toString()).toBe('compressed');
  });

  it('answers 502 for a redirect and 503 for a backend that went away', async () => {
    const url = await startBackend(
      available((_, response) => response.writeHead(302, { Location: 'https://example.org' }).end()),
    );
    await register(url);
    expect(await fetchFrom(apiserver, `${path}/pods`, { client })).toMatchObject({ code: 502 });
    for (const backend of backends) {
      backend.closeAllConnections();
      backend.close();
      await once(backend, 'close');
    }
    const gone = await fetchFrom(apiserver, `${path}/pods`, { client });
    expect(gone.code).toBe(503);
    expect(gone.text).toContain('error trying to reach service: ');
  });
});

describe('registerApiService()', () => {
  const condition = () => {
    const [state] = apiserver.apiServices();
    return { name: state?.name, available: state?.available, message: state?.message };
  };

  it('probes as system:kube-aggregator of system:masters and reports Available', async () => {
    const users = new Set<string>();
    const url = await startBackend((request, response) => {
      users.add(`${request.headers['x-remote-user']} of ${request.headers['x-remote-group']}`);
      response.end('{}');
    });
    await register(url);
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
    await register(await startBackend((_, response) => response.end('{}')), other.certificate);
    expect(condition()).toMatchObject({ available: false, message: expect.stringMatching(/certificate/) });
    await register(await startBackend((_, response) => response.end('{}'), ['127.0.0.1']));
    expect(condition()).toMatchObject({ available: false, message: expect.stringContaining(serverName) });
    const answer = await fetchFrom(apiserver, `${path}/pods`, { client });
    expect(answer).toMatchObject({ code: 503, text: 'service unavailable\n' });
  });

  it('takes no redirect and no refusal for an answer, and tries again until there is one', async () => {
    let code = 301;
    const url = await startBackend((_, response) => response.writeHead(code).end('{}'));
    await register(url);
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
    const url = await startBackend((request, response) => {
      if (request.url !== '/apis') response.end('{}');
      else {
        response.setHeader('Content-Type', aggregatedDiscoveryType);
        response.setHeader('Content-Encoding', 'gzip');
        response.end(gzipSync(body));
      }
    });
    await register(url);
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
    for (const backend of backends) {
      backend.closeAllConnections();
      backend.close();
    }
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
    const url = await startBackend((request, response) => {
      const { 'x-remote-group': groups, accept } = request.headers;
      if (request.url === '/apis') response.writeHead(404).end();
      else if (groups !== undefined) response.end('{}');
      else if (accept === 'application/json') response.end(JSON.stringify({ resources: [resource] }));
      else response.writeHead(406).end();
    });
    await register(url);
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
