import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { openPort } from './open-port.ts';

const nothing = () => undefined;

test.each(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])(
  'openPort() takes IPv4 alone where :: answers %s',
  async (code) => {
    const server = createServer();
    vi.spyOn(server, 'listen').mockImplementationOnce(() => {
      queueMicrotask(() => server.emit('error', Object.assign(new Error('no IPv6'), { code })));
      return server;
    });
    const port = await openPort(server, { port: 0, host: '::' }, nothing);
    expect(server.address()).toMatchObject({ address: '0.0.0.0', port });
    server.close();
  },
);

test('openPort() says what is wrong with any other port', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  await expect(openPort(createServer(), { port, host: '127.0.0.1' }, nothing)).rejects.toThrow('EADDRINUSE');
  const none = openPort(createServer(), { port: 0, host: '192.0.2.1' }, nothing);
  await expect(none).rejects.toThrow('EADDRNOTAVAIL');
  taken.close();
});

test('openPort() goes on where a connection cannot be accepted, and tells of it', async () => {
  const server = createServer();
  const told: unknown[] = [];
  const port = await openPort(server, { port: 0, host: '127.0.0.1' }, ({ code }) => void told.push(code));
  for (const code of ['ENOBUFS', 'EMFILE']) server.emit('error', Object.assign(new Error(code), { code }));
  expect(told).toEqual(['ENOBUFS', 'EMFILE']);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  server.close();
});
