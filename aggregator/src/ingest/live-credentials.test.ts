import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { Server } from '@grpc/grpc-js';
import { beforeAll, expect, test } from 'vitest';
import { createCertificateAuthority } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { LiveCredentials, type ServingPair } from './live-credentials.ts';

let pairs: ServingPair[];
const serial = (pair: ServingPair | undefined) => pair?.cert.toString();
beforeAll(async () => {
  const ca = await createCertificateAuthority('test');
  const issued = await Promise.all([ca.issueServing(['one']), ca.issueServing(['two'])]);
  pairs = issued.map(({ certificate, key }) => ({ cert: Buffer.from(certificate), key: Buffer.from(key) }));
});

async function listen(credentials: LiveCredentials) {
  const server = new Server();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials.server, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const open = () => connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  /** The certificate that a new connection is shown, PEM; undefined: it is dropped. */
  const shown = () =>
    new Promise<string | undefined>((resolve) => {
      const socket = open()
        .on('error', () => undefined)
        .on('close', () => resolve(undefined))
        .on('secureConnect', () => {
          resolve(socket.getPeerX509Certificate()?.toString());
          socket.destroy();
        });
    });
  return { open, shown, [Symbol.dispose]: () => server.forceShutdown() };
}

test('LiveCredentials drop connections before the first certificate, and show each one after it', async () => {
  const credentials = new LiveCredentials();
  using server = await listen(credentials);
  expect(await server.shown()).toBeUndefined();
  for (const pair of pairs) {
    credentials.serveWith(pair);
    expect(await server.shown()).toBe(serial(pair));
  }
});

test('LiveCredentials that are given a certificate before they listen show it at once', async () => {
  const credentials = new LiveCredentials();
  credentials.serveWith(pairs[0] ?? { cert: Buffer.of(), key: Buffer.of() });
  using server = await listen(credentials);
  expect(await server.shown()).toBe(serial(pairs[0]));
});

test('LiveCredentials let open connections go on when the certificate changes', async () => {
  const credentials = new LiveCredentials();
  const [first, second] = pairs;
  if (first === undefined || second === undefined) throw new Error('Cannot test: no certificates were made');
  credentials.serveWith(first);
  using server = await listen(credentials);
  const socket: TLSSocket = server.open();
  await once(socket, 'secureConnect');
  credentials.serveWith(second);
  expect(await server.shown()).toBe(serial(second));
  // An HTTP/2 preface with empty SETTINGS; the server has to answer it on the old connection.
  socket.write(
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.of(0, 0, 0, 4, 0, 0, 0, 0, 0)]),
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer[3]).toBe(4);
  socket.destroy();
});
