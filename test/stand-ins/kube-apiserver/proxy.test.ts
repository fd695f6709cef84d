import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AggregatedCluster,
  available,
  path,
  serverName,
  startAggregatedCluster,
} from './aggregated-cluster.ts';
import { fetchFrom, open } from './api-client.ts';
import type { StandInKubeApiserver } from './kube-apiserver.ts';
import type { CertificateAndKey } from './pki.ts';

let cluster: AggregatedCluster;
let apiserver: StandInKubeApiserver;
let client: CertificateAndKey;

beforeEach(async () => {
  cluster = await startAggregatedCluster();
  ({ apiserver, client } = cluster);
});
afterEach(() => cluster[Symbol.asyncDispose]());

describe('proxy()', () => {
  it('names the caller by the front proxy alone: what the client says about identity does not arrive', async () => {
    const seen: IncomingMessage[] = [];
    const url = await cluster.startBackend(
      available((request, response) => {
        seen.push(request);
        response.setHeader('X-Backend', ['1', '2']);
        response.end('answer');
      }),
    );
    await cluster.register(url);
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
    await cluster.register(await cluster.startBackend(available((_, response) => response.end('answer'))));
    const token = apiserver.issueToken({ username: 'nobody', groups: [] });
    expect(await fetchFrom(apiserver, `${path}/pods`, { token })).toMatchObject({
      code: 403,
      json: { message: expect.stringContaining('cannot list resource "pods" in API group "example.org"') },
    });
  });

  it('streams the body of a request, and an answer that does not end', async () => {
    const url = await cluster.startBackend(
      available((request, response) => {
        request.once('data', (chunk) => response.write(`first ${chunk}`));
      }),
    );
    await cluster.register(url);
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
    const url = await cluster.startBackend(
      available((_, response) => {
        response.once('close', left.resolve);
        response.write('event');
      }),
    );
    await cluster.register(url);
    const response = await open(apiserver, `${path}/pods?watch=true`, { client });
    await once(response, 'data');
    response.destroy();
    await left.promise;
  });

  it('passes gzip through as it is', async () => {
    const url = await cluster.startBackend(
      available((request, response) => {
        response.setHeader('Content-Encoding', request.headers['accept-encoding'] ?? 'identity');
        response.end(gzipSync('compressed'));
      }),
    );
    await cluster.register(url);
    const answer = await fetchFrom(apiserver, `${path}/pods`, {
      client,
      headers: { 'Accept-Encoding': 'gzip' },
    });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(answer.bytes).toString()).toBe('compressed');
  });

  it('answers 502 for a redirect and 503 for a backend that went away', async () => {
    const url = await cluster.startBackend(
      available((_, response) => response.writeHead(302, { Location: 'https://example.org' }).end()),
    );
    await cluster.register(url);
    expect(await fetchFrom(apiserver, `${path}/pods`, { client })).toMatchObject({ code: 502 });
    await cluster.stopBackends();
    const gone = await fetchFrom(apiserver, `${path}/pods`, { client });
    expect(gone.code).toBe(503);
    expect(gone.text).toContain('error trying to reach service: ');
  });
});
