import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { serverName } from './fixture-agent.ts';

/** One frame of HTTP/2 (RFC 9113, 4.1). */
export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** Of the time before TLS 1.2. */
export const oldTls: ConnectionOptions = {
  ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
};

/** With which a client begins. */
export const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame(4, 0, 0, Buffer.alloc(0)),
]);

/** Resolves when the connection is gone, with or without an error. */
export const gone = (socket: Socket) =>
  new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    else socket.resume().on('close', () => resolve());
  });

/** Somebody on 127.0.0.2, where no sound agent comes from, who opens connections and does with them what he likes. */
export class HostileClient implements Disposable {
  readonly #sockets = new Set<Socket>();
  readonly #port: number;
  readonly #ca: string;

  constructor(port: number, ca: string) {
    this.#port = port;
    this.#ca = ca;
  }

  tcp(localAddress = '127.0.0.2'): Socket {
    return this.#kept(connectTcp({ host: '127.0.0.1', localAddress, port: this.#port }));
  }

  tls(unusual: ConnectionOptions = {}): TLSSocket {
    const usual = { rejectUnauthorized: false, ALPNProtocols: ['h2'] };
    const socket = connectTls({ socket: this.tcp(), ...usual, ...unusual });
    this.#kept(socket);
    return socket;
  }

  /** A session of HTTP/2, and calls on it as an agent makes them. */
  http2(settings = {}) {
    const session = connectHttp2(`https://127.0.0.1:${this.#port}`, {
      ...{ ca: this.#ca, servername: serverName, localAddress: '127.0.0.2', settings },
    });
    session.on('error', () => undefined);
    session.on('connect', (_, socket) => this.#kept(socket));
    const push = (token: string) =>
      session
        .request({
          ':method': 'POST',
          ':path': '/tacho.v1.Ingest/Push',
          'content-type': 'application/grpc',
          te: 'trailers',
          authorization: `Bearer ${token}`,
        })
        .on('error', () => undefined);
    const ended = new Promise<void>((resolve) => session.on('close', () => resolve()));
    return { session, push, ended };
  }

  /** Says it over and over again and reads no answer, until the connection is gone. */
  async flood(what: Buffer, first: Buffer): Promise<void> {
    const socket = this.tls();
    await once(socket, 'secureConnect');
    socket.pause();
    socket.write(first);
    const many = Buffer.concat(Array(1_000).fill(what));
    while (!socket.closed) {
      if (socket.writableLength < 1 << 20) socket.write(many);
      await sleep(1);
    }
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #kept<Kind extends Socket>(socket: Kind): Kind {
    socket.on('error', () => undefined);
    this.#sockets.add(socket);
    return socket;
  }
}
