import { once } from 'node:events';
import { Agent } from 'node:https';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import type { ApiRequest } from '../api/protocol/api-message.ts';
import { startApiServer } from './fixture-api-server.ts';

const list = '/apis/metrics.k8s.io/v1/pods';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test('ApiServer lets the front proxy’s user through to the API, as the authorizer sees him', async () => {
  await using api = await startApiServer();
  const groups = ['a,b', ...Array.from({ length: 300 }, (_, index) => `group-${index}-${'x'.repeat(100)}`)];
  const headers = {
    ...{ 'X-Remote-User': 'jane', 'X-Remote-Group': groups },
    ...{ 'X-Remote-Uid': 'u-1', 'X-Remote-Extra-Example.com%2fk': 'v' },
  };
  const { status, body } = await api.ask(list, { client: api.proxy, headers });
  expect({ status, body }).toEqual({ status: 200, body: '{"kind":"Größe"}\n' });
  const user = {
    name: 'jane',
    uid: 'u-1',
    groups: [...groups, 'system:authenticated'],
    extra: { 'example.com/k': ['v'] },
  };
  const resourceAttributes = { verb: 'list', group: 'metrics.k8s.io', version: 'v1', resource: 'pods' };
  expect(api.decided).toEqual([[user, { resourceAttributes }]]);
});

test('ApiServer hands the API path, query and headers as they came', async () => {
  await using api = await startApiServer();
  const seen: ApiRequest[] = [];
  const { api: answer } = api.state;
  api.state.api = (request) => {
    seen.push(request);
    return answer(request);
  };
  await api.ask(`${list}/a%2Fb?labelSelector=a%3Db&x=1+2`, {
    method: 'POST',
    headers: { Accept: ['a/b', 'c/d'] },
  });
  expect(seen).toMatchObject([{ method: 'POST', path: `${list}/a%2Fb` }]);
  expect([...(seen[0]?.query ?? [])]).toEqual([
    ['labelSelector', 'a=b'],
    ['x', '1 2'],
  ]);
  expect([seen[0]?.header('ACCEPT'), seen[0]?.header('missing')]).toEqual(['a/b', undefined]);
});

test('ApiServer sends the headers of an answer as they are, and its length in bytes', async () => {
  await using api = await startApiServer();
  const { headers } = await api.ask(list);
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '19' });
  expect(headers['etag']).toBeUndefined();
  expect(headers['x-powered-by']).toBeUndefined();
  const contentType = 'application/vnd.kubernetes.protobuf';
  const bytes = Buffer.from([0x6b, 0x38, 0x73, 0]);
  api.state.api = () => ({ status: 200, headers: { 'Content-Type': contentType }, body: bytes });
  expect(await api.ask(list)).toMatchObject({ headers: { 'content-type': contentType }, body: 'k8s\0' });
});

test('ApiServer answers who comes without credentials as the authorizer says: a list is forbidden', async () => {
  await using api = await startApiServer();
  api.state.decide = async () => ({ allowed: false, reason: '' });
  const { status, headers, body } = await api.ask(list, { headers: { 'X-Remote-User': 'root' } });
  expect(status).toBe(403);
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
  expect(JSON.parse(body)).toMatchObject({
    message: expect.stringMatching(
      /^pods\.metrics\.k8s\.io is forbidden: User "system:anonymous" cannot list/,
    ),
  });
  expect(api.decided[0]?.[0]).toMatchObject({ name: 'system:anonymous', groups: ['system:unauthenticated'] });
});

test('ApiServer answers 401 to a certificate of a CA that signs neither users nor the front proxy', async () => {
  await using api = await startApiServer();
  const client = await api.pki.servingCa.issueClient({ commonName: 'front-proxy-client' });
  const { status, body } = await api.ask(list, { client, headers: { 'X-Remote-User': 'root' } });
  expect([status, JSON.parse(body).reason, api.decided]).toEqual([401, 'Unauthorized', []]);
});

test.each(['/healthz', '/livez', '/readyz'])('ApiServer answers %s itself', async (path) => {
  await using api = await startApiServer();
  expect(await api.ask(path)).toMatchObject({ status: 200, body: 'ok' });
  api.state.ready = false;
  const failing = { status: 500, body: expect.stringContaining('[-]watches-synced failed') };
  expect(await api.ask(path)).toMatchObject(path === '/readyz' ? failing : { status: 200, body: 'ok' });
  expect((await api.ask(`${path}?verbose`)).body).toMatch(/^\[\+\]ping ok\n/);
});

test('ApiServer answers HEAD with the headers alone', async () => {
  await using api = await startApiServer();
  const { headers, body } = await api.ask(list, { method: 'HEAD' });
  expect([headers['content-length'], headers['content-type'], body]).toEqual(['19', 'application/json', '']);
});

test('ApiServer echoes the Audit-Id of a request, and makes one where there is none', async () => {
  await using api = await startApiServer();
  const auditId = async (headers: Record<string, string>) =>
    (await api.ask(list, { headers })).headers['audit-id'];
  expect(await auditId({ 'Audit-ID': 'x'.repeat(200) })).toBe('x'.repeat(200));
  expect(await auditId({})).toMatch(uuid);
  expect(await auditId({ 'Audit-ID': '' })).toMatch(uuid);
});

test('ApiServer answers 500 without the reason, which it logs', async () => {
  await using api = await startApiServer();
  api.state.decide = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.1:6443'));
  const { status, headers, body } = await api.ask(`${list}?limit=1`);
  expect({ status, body }).toEqual({ status: 500, body: `Internal Server Error: "${list}"` });
  expect(headers).toMatchObject({
    ...{ 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    'audit-id': expect.stringMatching(uuid),
  });
  expect(api.lines).toMatchObject([{ level: 50, path: list, reason: 'connect ECONNREFUSED 10.0.0.1:6443' }]);
  api.state.decide = async () => ({ allowed: true, reason: '' });
  api.state.api = () => {
    throw new TypeError('secret');
  };
  expect(await api.ask(list)).toMatchObject({ status: 500, body: expect.not.stringContaining('secret') });
});

test('ApiServer stops asking the authorizer when the client has gone', async () => {
  await using api = await startApiServer();
  const { promise: asked, resolve } = Promise.withResolvers<AbortSignal>();
  api.state.decide = (_user, _wanted, signal) => {
    resolve(signal);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  const sent = api.open(list).end();
  sent.on('error', () => undefined);
  const signal = await asked;
  sent.destroy();
  await eventually(() => expect(signal.aborted).toBe(true));
  expect(api.lines).toEqual([]);
});

test('ApiServer trusts the front proxy from the instant its CA is published, on a listener that is up', async () => {
  await using api = await startApiServer();
  api.state.trusted = false;
  const asking = { client: api.proxy, headers: { 'X-Remote-User': 'jane' } };
  expect((await api.ask(list, asking)).status).toBe(401);
  api.state.trusted = true;
  api.server.askForCertificatesOf(api.pki.frontProxyCa.certificate);
  expect((await api.ask(list, asking)).status).toBe(200);
  expect(api.decided[0]?.[0].name).toBe('jane');
});

test('ApiServer speaks HTTP/1.1 over TLS 1.2 or later only', async () => {
  await using api = await startApiServer();
  const options = { host: '127.0.0.1', port: api.port, ca: api.pki.servingCa.certificate };
  const modern = connect({ ...options, ALPNProtocols: ['h2', 'http/1.1'], maxVersion: 'TLSv1.2' });
  await once(modern, 'secureConnect');
  expect([modern.alpnProtocol, modern.getProtocol()]).toEqual(['http/1.1', 'TLSv1.2']);
  modern.destroy();
  const old = connect({
    ...options,
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  const [error] = (await once(old, 'error')) as [Error];
  expect(error.message).toMatch(/version|handshake|alert|protocol/i);
});

test('ApiServer.close() lets a request finish and does not wait for its idle connection', async () => {
  const api = await startApiServer();
  const agent = new Agent({ keepAlive: true });
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  const { promise: decision, resolve: decide } = Promise.withResolvers<void>();
  api.state.decide = async () => {
    isAsked();
    await decision;
    return { allowed: true, reason: '' };
  };
  const answer = api.ask(list, { agent });
  await asked;
  const closed = api.server.close();
  decide();
  expect((await answer).status).toBe(200);
  await closed;
  agent.destroy();
});

test('ApiServer.serveWith() shows new connections another certificate, still asks for client certificates, and keeps open ones', async () => {
  await using api = await startApiServer();
  api.server.askForCertificatesOf(api.pki.frontProxyCa.certificate);
  const agent = new Agent({ keepAlive: true });
  const headers = { 'X-Remote-User': 'first' };
  expect((await api.ask(list, { client: api.proxy, headers, agent })).status).toBe(200);
  const { certificate, key } = await api.pki.servingCa.issueServing(['127.0.0.1']);
  api.server.serveWith({ cert: Buffer.from(certificate), key: Buffer.from(key) });
  const socket = connect({ host: '127.0.0.1', port: api.port, ca: api.pki.servingCa.certificate });
  await once(socket, 'secureConnect');
  expect(socket.getPeerX509Certificate()?.toString()).toBe(certificate);
  socket.destroy();
  for (const [name, each] of Object.entries({ kept: agent, fresh: new Agent() })) {
    await api.ask(list, { client: api.proxy, headers: { 'X-Remote-User': name }, agent: each });
    expect(api.decided.at(-1)?.[0].name).toBe(name);
  }
  agent.destroy();
});

test('ApiServer.listen() rejects where the port is taken', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  await using api = await startApiServer();
  await api.server.close();
  await expect(api.server.listen(port, '127.0.0.1')).rejects.toThrow(/EADDRINUSE/);
  taken.close();
});
