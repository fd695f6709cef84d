import type { Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { clientOverrun, rawAnswer } from './client-error.ts';
import type { LimitReason, ServerLimits } from './request-limits.ts';

/** Who is told what becomes of connections. */
export interface ConnectionObserver {
  limited(reason: LimitReason): void;
  /** A peer did not speak TLS, or not to the end of the handshake. */
  handshakeFailed(): void;
}

/** How often node:http looks for requests that are too slow; its own 30 s would let one live twice its time. */
const checkEveryMs = 5_000;

/** The part of the limits that node:https enforces by itself, as options of createServer(). */
export function connectionOptions({ headerBytes, handshakeMs, headersMs, requestMs, idleMs }: ServerLimits) {
  return {
    maxHeaderSize: headerBytes,
    // Its answer would be no Status; ours is given with the others.
    requireHostHeader: false,
    handshakeTimeout: handshakeMs,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    connectionsCheckingInterval: Math.min(checkEveryMs, headersMs),
  };
}

/**
 * Bounds the connections of a server and answers those that say nothing that could be served.
 * @param isAnswering whether an answer is under way on a connection: nothing may be put in its midst
 */
export function limitConnections(
  server: Server,
  limits: Pick<ServerLimits, 'connections' | 'lingerMs'>,
  observer: ConnectionObserver,
  isAnswering: (socket: Duplex) => boolean,
): void {
  // By default node:http drops headers after the 2,000th without a word.
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connections;
  const secure = new WeakSet<Duplex>();
  const refused = new WeakSet<Duplex>();
  server.on('drop', () => observer.limited('connections'));
  server.on('secureConnection', (socket) => {
    secure.add(socket);
    readAsStream(socket);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (refused.has(socket)) return;
    if (!secure.has(socket)) {
      observer.handshakeFailed();
      if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') observer.limited('slow-handshake');
      socket.destroy();
      return;
    }
    // Its last request has said that it is the last (RFC 9112 section 9.6): what follows is not for us, its answer stands.
    if (error.code === 'HPE_CLOSED_CONNECTION') return;
    // The connection itself broke: nobody is there to be told.
    if (error.syscall !== undefined || error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    refused.add(socket);
    const { reason, status } = clientOverrun(error.code);
    observer.limited(reason);
    if (isAnswering(socket)) socket.destroy();
    else part(socket, rawAnswer(status), limits.lingerMs);
  });
}

/**
 * Has node:http read a connection as a stream instead of by its handle, which gives it the TLS records that were there
 * already even when it has paused for answers that are not taken: it then ends the connection with HPE_PAUSED.
 */
function readAsStream(socket: Duplex): void {
  socket.on('data', () => undefined);
}

/** Says a last word, and gives the client time to read it while the rest of what it sends is thrown away. */
function part(socket: Duplex, answer: string, lingerMs: number): void {
  const linger = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(linger));
  socket.end(answer);
  socket.resume();
}
