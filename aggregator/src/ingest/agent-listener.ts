import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { openPort } from '@tacho/command-line';
import { Admission, type AdmissionBounds } from './admission.ts';
import { handshakeRefusal } from './handshake-refusal.ts';
import type { RefusalReason } from './refusal-reasons.ts';
import type { Refusals } from './refusals.ts';

/** A serving certificate with its chain, and its private key; PEM. Declared here too: ingest knows nothing of serving. */
export interface ServingPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** What the listener needs. */
export interface AgentListenerDeps {
  readonly refusals: Refusals;
  /** Takes a connection whose TLS is established. */
  readonly serve: (connection: TLSSocket) => void;
}

/** How much of what, and how long. */
export interface ListenerBounds extends AdmissionBounds {
  /** For its handshake to begin: an agent gives an attempt up after 5 s, and what is begun late is begun for nobody. */
  readonly waitMs: number;
  readonly handshakeMs: number;
  /** For an agent's stream to be accepted, since the handshake began or the last stream ended. */
  readonly strangerMs: number;
  /** How long it is one of those that began a moment ago. */
  readonly freshMs: number;
  /** Handshakes that begin in 10 ms: each keeps the event loop for half a millisecond and more. */
  readonly mostHandshakes: number;
  /** How often it is looked whether something was heard of each connection: three times nothing, and it is ended. */
  readonly lookMs: number;
}

/** 5,000 nodes have one stream each, and for a while two. */
const usualBounds: ListenerBounds = {
  most: 12_000,
  mostOfAddress: 64,
  mostBegun: 1_024,
  mostFresh: 128,
  waitMs: 2_000,
  handshakeMs: 5_000,
  strangerMs: 10_000,
  freshMs: 1_000,
  mostHandshakes: 8,
  lookMs: 5_000,
};
const tickMs = 10;
const farewellMs = 500;
const mostSilentLooks = 3;

interface Connection {
  readonly address: string;
  readonly socket: Socket;
  streams: number;
  /** Closes it while it is a stranger's. */
  timer: NodeJS.Timeout | undefined;
  /** As of the last look. */
  bytesRead: number;
  silentLooks: number;
}

/**
 * The sockets and TLS below gRPC: who gets a connection, when its handshake begins, and how long it may stay without
 * an agent's stream. Shows the certificate of the moment; before the first, connections are dropped.
 */
export class AgentListener {
  readonly #deps: AgentListenerDeps;
  readonly #bounds: ListenerBounds;
  readonly #sockets: Server;
  readonly #tls: TlsServer;
  readonly #admission: Admission<Connection>;
  readonly #connections = new Map<string, Connection>();
  #hasCertificate = false;
  #tick: NodeJS.Timeout | undefined;
  readonly #looks: NodeJS.Timeout;

  constructor(deps: AgentListenerDeps, bounds: Partial<ListenerBounds> = {}) {
    this.#deps = deps;
    this.#bounds = { ...usualBounds, ...bounds };
    this.#admission = new Admission(this.#bounds);
    // Not read before its handshake begins.
    this.#sockets = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#come(socket));
    this.#tls = createTlsServer({ ALPNProtocols: ['h2'], handshakeTimeout: this.#bounds.handshakeMs });
    this.#tls.on('secureConnection', (socket) => {
      socket.on('error', () => undefined);
      deps.serve(socket);
    });
    this.#tls.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      const reason = handshakeRefusal(error.code);
      if (reason !== undefined) deps.refusals.add(reason, { peer: peerOf(socket), why: error.code ?? '' });
      socket.destroy();
    });
    this.#looks = setInterval(() => this.#endSilent(), this.#bounds.lookMs).unref();
  }

  /** New connections are shown this certificate; those that are open go on. */
  serveWith({ cert, key }: ServingPair): void {
    this.#tls.setSecureContext({ cert, key });
    this.#hasCertificate = true;
  }

  /** @param host an IP address @returns the port that was bound; give port 0 for any free one */
  listen(port: number, host: string): Promise<number> {
    const { refusals } = this.#deps;
    return openPort(this.#sockets, { host, port, backlog: 4_096 }, ({ code = '' }) =>
      refusals.add('connection that could not be accepted', { why: code }),
    );
  }

  /** A stream of this peer was accepted: what the connection costs is an agent's. @param peer `ip:port` */
  streamOpened(peer: string): void {
    const connection = this.#connections.get(peer);
    if (connection === undefined) return;
    connection.streams += 1;
    if (connection.streams > 1) return;
    clearTimeout(connection.timer);
    this.#admission.know(connection);
    this.#begin();
  }

  /** A stream of this peer that was accepted has ended. */
  streamEnded(peer: string): void {
    const connection = this.#connections.get(peer);
    if (connection === undefined) return;
    connection.streams -= 1;
    if (connection.streams > 0) return;
    this.#admission.forget(connection);
    this.#boundStranger(connection);
  }

  /** Ends a connection without a word: its peer does not read. */
  cut(peer: string): void {
    this.#connections.get(peer)?.socket.destroy();
  }

  /** Listens no more, leaves connections a moment to end, and ends those that have not. */
  async close(): Promise<void> {
    await Promise.race([
      new Promise((ended) => this.#sockets.close(ended)),
      sleep(farewellMs, undefined, { ref: false }),
    ]);
    clearTimeout(this.#tick);
    clearInterval(this.#looks);
    for (const { socket } of [...this.#connections.values()]) socket.destroy();
  }

  #come(socket: Socket): void {
    socket.on('error', () => undefined);
    const peer = peerOf(socket);
    if (!this.#hasCertificate || socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const address = socket.remoteAddress;
    const connection: Connection = {
      address,
      socket,
      streams: 0,
      timer: undefined,
      bytesRead: 0,
      silentLooks: 0,
    };
    const yields = this.#admission.come(connection);
    if (yields !== undefined) {
      this.#deps.refusals.add(yields.why, { peer: peerOf(yields.who.socket) });
      yields.who.socket.destroy();
      if (yields.who === connection) return;
    }
    this.#connections.set(peer, connection);
    this.#bound(connection, 'connection that waited too long for its handshake', this.#bounds.waitMs);
    socket.on('close', () => {
      clearTimeout(connection.timer);
      this.#admission.leave(connection);
      if (this.#connections.get(peer) === connection) this.#connections.delete(peer);
      this.#begin();
    });
    this.#begin();
  }

  /** Begins as many handshakes as may begin now; the others wait for the next tick, or for room. */
  #begin(): void {
    if (this.#tick !== undefined) return;
    for (let begun = 0; begun < this.#bounds.mostHandshakes; begun += 1) {
      const connection = this.#admission.next();
      if (connection === undefined) return;
      this.#tick ??= setTimeout(() => {
        this.#tick = undefined;
        this.#begin();
      }, tickMs);
      clearTimeout(connection.timer);
      connection.timer = setTimeout(() => {
        this.#admission.age(connection);
        this.#boundStranger(connection);
        this.#begin();
      }, this.#bounds.freshMs).unref();
      this.#tls.emit('connection', connection.socket);
    }
  }

  /**
   * Ends what was left half open. An agent asks for a sign of life every 5 s at the latest, however seldom it reports; to ask it
   * as well would only cost 5,000 more pings.
   */
  #endSilent(): void {
    for (const [peer, connection] of this.#connections) {
      const { bytesRead } = connection.socket;
      connection.silentLooks = bytesRead === connection.bytesRead ? connection.silentLooks + 1 : 0;
      connection.bytesRead = bytesRead;
      if (connection.silentLooks < mostSilentLooks) continue;
      this.#deps.refusals.add('connection that fell silent', { peer });
      connection.socket.destroy();
    }
  }

  #boundStranger(connection: Connection): void {
    const { freshMs, strangerMs } = this.#bounds;
    this.#bound(connection, 'connection without an agent’s stream', strangerMs - freshMs);
  }

  #bound(connection: Connection, reason: RefusalReason, ms: number): void {
    const { socket } = connection;
    clearTimeout(connection.timer);
    connection.timer = setTimeout(() => {
      this.#deps.refusals.add(reason, { peer: peerOf(socket) });
      socket.destroy();
    }, ms).unref();
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}
