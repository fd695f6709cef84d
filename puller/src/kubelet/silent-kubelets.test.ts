import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCertificateAuthority } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { KubeletConnection } from './kubelet-connection.ts';
import { KubeletCredentials } from './kubelet-credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'tacho-silent-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  writeFileSync(join(folder, 'ca.crt'), (await createCertificateAuthority('ca')).certificate);
  writeFileSync(join(folder, 'token'), 'secret-token');
});

function connection(requestTimeoutMs: number) {
  return new KubeletConnection({
    credentials: new KubeletCredentials({
      ...{ certificateAuthority: join(folder, 'ca.crt'), tokenFile: join(folder, 'token'), insecure: false },
      ...{ clientCertificate: undefined, clientKey: undefined },
    }),
    requestTimeoutMs,
    monotonicMs: () => performance.now(),
  });
}
const until = new AbortController().signal;

/** A listener without TLS that does this with each connection. */
async function listening(greet: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.setEncoding('latin1').on('data', (text: string) => heard.push(text));
    greet(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { heard, sockets, origin: () => origin, [Symbol.dispose]: () => void server.close() };
}

test('KubeletConnection.pull() gives up a peer that takes the connection and says nothing, and leaves none open', async () => {
  using silent = await listening(() => undefined);
  const own = connection(150);
  for (let count = 0; count < 3; count += 1) {
    expect((await own.pull(silent.origin, until)).problem).toMatchObject({
      reason: 'hung',
      message: expect.stringMatching(/no answer within 0.15 s/),
    });
  }
  while (silent.sockets.size > 0) await once([...silent.sockets][0] as Socket, 'close');
  expect(silent.heard.join()).not.toContain('secret-token');
});

test('KubeletConnection.pull() shows nothing to a peer that speaks no TLS', async () => {
  using plain = await listening((socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n'));
  expect((await connection(5_000).pull(plain.origin, until)).problem).toMatchObject({ reason: 'closed' });
  expect(plain.heard.join()).not.toContain('secret-token');
});

test('KubeletConnection can be closed in the middle of connecting', async () => {
  using silent = await listening(() => undefined);
  for (let count = 0; count < 20; count += 1) {
    const own = connection(2_000);
    const pulling = own.pull(silent.origin, until);
    if (count % 2 === 1) await new Promise((resolve) => setTimeout(resolve, count % 5));
    own.close();
    expect((await pulling).answer).toBeUndefined();
  }
});
