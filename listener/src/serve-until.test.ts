import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { expect, test, vi } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { serveUntil } from './serve-until.ts';

const words = { listens: 'it listens', cannotListen: 'it does not' };

function said() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) });
  return { lines, log };
}

test('serveUntil() listens until the signal, and says where', async () => {
  const { lines, log } = said();
  const stop = new AbortController();
  const server = createServer();
  const ended = serveUntil(server, { port: 0, bindAddress: '127.0.0.1' }, { log, words }, stop.signal);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await eventually(() =>
    expect(lines).toMatchObject([{ msg: 'it listens', port, bindAddress: '127.0.0.1' }]),
  );
  stop.abort();
  await ended;
  expect(server.listening).toBe(false);
});

test('serveUntil() takes IPv4 alone where a machine has no IPv6', async () => {
  const { lines, log } = said();
  const server = createServer();
  const listen = vi.spyOn(server, 'listen');
  listen.mockImplementationOnce(() => {
    queueMicrotask(() => server.emit('error', Object.assign(new Error('no IPv6'), { code: 'EAFNOSUPPORT' })));
    return server;
  });
  const stop = new AbortController();
  const ended = serveUntil(server, { port: 0, bindAddress: '::' }, { log, words }, stop.signal);
  await eventually(() => expect(lines).toMatchObject([{ msg: 'it listens', bindAddress: '0.0.0.0' }]));
  stop.abort();
  await ended;
});

test('serveUntil() says once that a port cannot be had, and resolves', async () => {
  const { lines, log } = said();
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const address = { port, bindAddress: '127.0.0.1' };
  await serveUntil(createServer(), address, { log, words }, new AbortController().signal);
  expect(lines).toMatchObject([{ msg: 'it does not', port, reason: expect.stringContaining('EADDRINUSE') }]);
  taken.close();
});
