import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { beforeAll, expect, test } from 'vitest';
import { createCertificateAuthority } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { keptLog } from '../fixture-log.ts';
import { AgentListener, type ListenerBounds, type ServingPair } from './agent-listener.ts';
import { Refusals } from './refusals.ts';

let pairs: ServingPair[];
const serial = (pair: ServingPair | undefined) => pair?.cert.toString();
beforeAll(async () => {
  const ca = await createCertificateAuthority('test');
  const issued = await Promise.all([ca.issueServing(['one']), ca.issueServing(['two'])]);
  pairs = issued.map(({ certificate, key }) => ({ cert: Buffer.from(certificate), key: Buffer.from(key) }));
});

/** A listener that gives back what it is sent. */
async function listening(first?: ServingPair, bounds: Partial<ListenerBounds> = {}) {
  const refusals = new Refusals(keptLog().log, () => 0);
  const listener = new AgentListener(
    { refusals, serve: (connection) => connection.pipe(connection) },
    bounds,
  );
  if (first !== undefined) listener.serveWith(first);
  const port = await listener.listen(0, '127.0.0.1');
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
  return { listener, refusals, open, shown, [Symbol.asyncDispose]: () => listener.close() };
}

test('AgentListener drops connections before the first certificate, and shows each one after it', async () => {
  await using server = await listening();
  expect(await server.shown()).toBeUndefined();
  for (const pair of pairs) {
    server.listener.serveWith(pair);
    expect(await server.shown()).toBe(serial(pair));
  }
});

test('AgentListener that is given a certificate before it listens shows it at once', async () => {
  await using server = await listening(pairs[0]);
  expect(await server.shown()).toBe(serial(pairs[0]));
});

test('AgentListener lets open connections go on when the certificate changes', async () => {
  const [first, second] = pairs;
  if (first === undefined || second === undefined) throw new Error('Cannot test: no certificates were made');
  await using server = await listening(first);
  const socket: TLSSocket = server.open();
  await once(socket, 'secureConnect');
  server.listener.serveWith(second);
  expect(await server.shown()).toBe(serial(second));
  socket.write('still here');
  expect(String((await once(socket, 'data'))[0])).toBe('still here');
  socket.destroy();
});

test('AgentListener closes a connection whose handshake could not begin while its agent still waits', async () => {
  await using server = await listening(pairs[0], { mostBegun: 0, waitMs: 20 });
  expect(await server.shown()).toBeUndefined();
  expect(server.refusals.counts()).toEqual([
    { reason: 'connection that waited too long for its handshake', class: 'overloaded', count: 1 },
  ]);
});
