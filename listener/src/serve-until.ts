import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';

/** Where something listens. */
export interface ListenAddress {
  /** 0 takes a free one. */
  readonly port: number;
  readonly bindAddress: string;
}

/** Undefined for port 0. */
export function listenAddress(port: number, bindAddress: string): ListenAddress | undefined {
  return port === 0 ? undefined : { port, bindAddress };
}

/** Sentences of the log. */
export interface ListenerWords {
  readonly listens: string;
  /** For a port that cannot be had: what is missing now, and what to do. */
  readonly cannotListen: string;
}

/** Errors of a machine without IPv6, where `::` does not stand for all addresses. */
const noIpv6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);

/**
 * Listens until the signal says stop. Never rejects: a port that cannot be had is said once, and the program does without,
 * because the numbers matter more.
 */
export async function serveUntil(
  server: Server,
  { port, bindAddress }: ListenAddress,
  { log, words }: { readonly log: Logger; readonly words: ListenerWords },
  signal: AbortSignal,
): Promise<void> {
  let host = bindAddress;
  await new Promise<void>((resolve) => {
    const stop = () => {
      server.close(() => resolve());
      server.closeAllConnections();
    };
    server.on('error', (error) => {
      // One connection that could not be accepted; whoever wanted it comes again.
      if (server.listening) return;
      if (host === '::' && 'code' in error && noIpv6.has(String(error.code))) {
        host = '0.0.0.0';
        server.listen(port, host);
        return;
      }
      log.warn({ port, bindAddress, reason: error.message }, words.cannotListen);
      signal.removeEventListener('abort', stop);
      resolve();
    });
    server.on('listening', () => {
      log.info({ port: (server.address() as AddressInfo).port, bindAddress: host }, words.listens);
    });
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', stop, { once: true });
    server.listen(port, host);
  });
}
