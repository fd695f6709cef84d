import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorWords, openPort } from '@tacho/command-line';
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
  if (signal.aborted) return;
  try {
    await openPort(server, { port, host: bindAddress }, () => undefined);
  } catch (error) {
    log.warn({ port, bindAddress, reason: errorWords(error) }, words.cannotListen);
    return;
  }
  const bound = server.address() as AddressInfo;
  log.info({ port: bound.port, bindAddress: bound.address }, words.listens);
  await new Promise<void>((resolve) => {
    const stop = () => {
      server.close(() => resolve());
      server.closeAllConnections();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
