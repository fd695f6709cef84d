import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { expect, test } from 'vitest';
import { startApiServer } from './fixture-api-server.ts';
import { get, parse, speak } from './fixture-spoken-bytes.ts';

const list = '/apis/metrics.k8s.io/v1/pods';

test.each([
  ['garbage', '\x00\xff\x01garbage\r\n\r\n', 400, 'BadRequest', 'malformed'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'BadRequest', 'malformed'],
  ['no Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'BadRequest', 'malformed'],
  ['two lengths', get('/', 'Content-Length: 1\r\nContent-Length: 2\r\n'), 400, 'BadRequest', 'malformed'],
  [
    'headers beyond 1 MiB',
    get('/', `X: ${'x'.repeat(1_100_000)}\r\n`),
    431,
    'RequestEntityTooLarge',
    'header-size',
  ],
])(
  'ApiServer answers %s with a Status, ends the connection and counts it',
  async (_, text, code, reason, limit) => {
    await using api = await startApiServer();
    const answer = parse(await (await speak(api, text)).all());
    expect(answer).toMatchObject({
      code,
      body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason },
    });
    expect(answer.headers).toEqual(
      expect.arrayContaining(['Content-Type: application/json', 'Connection: close']),
    );
    expect(api.limited).toEqual([limit]);
  },
);

test('ApiServer takes headers of nearly 1 MiB', async () => {
  await using api = await startApiServer();
  const { status } = await api.ask(list, { headers: { 'X-Large': 'x'.repeat(1_000_000) } });
  expect([status, api.limited]).toEqual([200, []]);
});

test('ApiServer ends a request whose head drips in, with a Status', async () => {
  await using api = await startApiServer(undefined, { headersMs: 50, requestMs: 100 });
  const { socket, all } = await speak(api, 'GET / HTTP/1.1\r\n');
  const drip = setInterval(() => socket.write('X: x\r\n'), 10);
  const answer = parse(await all());
  clearInterval(drip);
  expect(answer).toMatchObject({ code: 408, body: { reason: 'Timeout' } });
  expect(api.limited).toEqual(['slow-request']);
});

test('ApiServer ends a connection on which nothing is said', async () => {
  await using api = await startApiServer(undefined, { headersMs: 50, requestMs: 100 });
  expect(parse(await (await speak(api, '')).all()).code).toBe(408);
});

test('ApiServer ends who does not finish the TLS handshake', async () => {
  await using api = await startApiServer(undefined, { handshakeMs: 50 });
  const socket = connectTcp(api.port, '127.0.0.1').resume();
  await once(socket, 'close');
  expect(api.limited).toEqual(['handshake', 'slow-handshake']);
});

test('ApiServer ends who speaks plain HTTP, and counts it', async () => {
  await using api = await startApiServer();
  const socket = connectTcp(api.port, '127.0.0.1').resume();
  socket.on('error', () => undefined);
  socket.write(get('/healthz'));
  await new Promise((resolve) => socket.once('close', resolve));
  expect(api.limited).toEqual(['handshake']);
});

test('ApiServer puts nothing in the midst of an answer when garbage follows its request', async () => {
  await using api = await startApiServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  api.state.decide = async () => {
    await promise;
    return { allowed: true, reason: '' };
  };
  expect(await (await speak(api, `${get(list)}garbage\r\n\r\n`)).all()).toBe('');
  resolve();
  expect(api.limited).toEqual(['malformed']);
});

test('ApiServer refuses connections beyond its bound', async () => {
  await using api = await startApiServer(undefined, { connections: 1 });
  const first = await speak(api, get('/healthz'));
  await expect(api.ask('/healthz')).rejects.toThrow();
  first.socket.destroy();
  expect(api.limited).toContain('connections');
});
