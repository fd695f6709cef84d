import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { makeRoomForNew } from './room-for-new.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** A server with room for two that echoes: what opens a connection, and the server's ends of them. */
async function served() {
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket.on('error', () => undefined));
    socket.pipe(socket);
  });
  makeRoomForNew(server, 2);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const open = async (localAddress = '127.0.0.1') => {
    const socket = connect({ port, host: '127.0.0.1', localAddress }).on('error', () => undefined);
    cleanUps.push(() => socket.destroy());
    await answers(socket);
    return socket;
  };
  return { open, accepted };
}

async function answers(socket: Socket): Promise<void> {
  socket.write('.');
  await once(socket, 'data');
}

test('makeRoomForNew() ends the connection that is open the longest when one too many comes', async () => {
  const { open } = await served();
  const oldest = await open();
  const second = await open();
  const ended = once(oldest, 'close');
  const third = await open();
  await ended;
  await answers(second);
  await answers(third);
});

test('makeRoomForNew() ends none while others have gone', async () => {
  const { open, accepted } = await served();
  const oldest = await open();
  const second = await open();
  second.end();
  await once(accepted[1] as Socket, 'close');
  await open();
  await answers(oldest);
  expect(oldest.destroyed).toBe(false);
});

test('makeRoomForNew() ends one of the address that has the most connections, however new they are', async () => {
  const { open } = await served();
  const kept = await open('127.0.0.1');
  const crowd = await open('127.0.0.2');
  const ended = once(crowd, 'close');
  const newest = await open('127.0.0.2');
  await ended;
  await answers(kept);
  await answers(newest);
});
