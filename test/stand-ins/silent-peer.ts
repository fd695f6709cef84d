import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { CertificateAndKey } from './kube-apiserver/pki.ts';

/** The last thing that the peer does: accept, shake hands, or take the request. */
export type Stage = 'tcp' | 'tls' | 'http2';

const settledMs = 100;

/** What such a peer has seen. */
export interface Seen {
  connections: number;
  mostAtOnce: number;
  /** Of those that have ended. */
  longestMs: number;
}

/** A peer that accepts and then stays silent. */
export interface SilentPeer {
  readonly stage: Stage;
  readonly port: number;
  readonly seen: Readonly<Seen>;
  close(): void;
}

/** Listens on a free port. */
export async function listenSilently(
  stage: Stage,
  address: string,
  { certificate: cert, key }: CertificateAndKey,
): Promise<SilentPeer> {
  const seen: Seen = { connections: 0, mostAtOnce: 0, longestMs: 0 };
  const open = new Set<Socket>();
  const upper = {
    tcp: undefined,
    tls: createTlsServer({ cert, key, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('error', () => undefined).resume();
    }),
    http2: createSecureServer({ cert, key }).on('session', (session) => session.on('error', () => undefined)),
  }[stage];
  upper?.on('tlsClientError', () => undefined);
  const server = createServer((socket) => {
    const beginMs = performance.now();
    seen.connections += 1;
    open.add(socket);
    // A little later: what has ended by now may be heard of only after this one.
    setTimeout(() => {
      seen.mostAtOnce = Math.max(seen.mostAtOnce, open.size);
    }, settledMs).unref();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      seen.longestMs = Math.max(seen.longestMs, performance.now() - beginMs);
    });
    if (upper === undefined) socket.resume();
    else upper.emit('connection', socket);
  });
  await once(server.listen(0, address), 'listening');
  return {
    stage,
    port: (server.address() as AddressInfo).port,
    seen,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
