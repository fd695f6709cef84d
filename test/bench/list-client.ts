import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { CertificateAndKey } from '../stand-ins/kube-apiserver/pki.ts';

/** Where the server is, and as whom a request comes through kube-apiserver. */
export interface ListClientOptions {
  readonly port: number;
  readonly ca: string;
  readonly frontProxy: CertificateAndKey;
  /** What kube-apiserver adds to a request. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

/** One answer, read to its end. */
export interface Reading {
  readonly wallMs: number;
  readonly bodyBytes: number;
}

const probeEveryMs = 5;

/** A client that does as little as possible: it counts what comes and looks at nothing. */
export class ListClient {
  readonly #options: ListClientOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #probeAgent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(options: ListClientOptions) {
    this.#options = options;
  }

  /** @throws when the answer is not 200 */
  read(path: string, accept: string, gzip: boolean): Promise<Reading> {
    const encoding = gzip ? { 'accept-encoding': 'gzip' } : {};
    return this.#read(path, { accept, ...encoding }, this.#agent);
  }

  /** The longest that /livez takes on another connection while something is done. */
  async longestProbeMs(work: () => Promise<unknown>): Promise<number> {
    const working = work().finally(() => {
      isDone = true;
    });
    let isDone = false;
    let longestMs = 0;
    while (!isDone) {
      const { wallMs } = await this.#read('/livez', {}, this.#probeAgent);
      longestMs = Math.max(longestMs, wallMs);
      await sleep(probeEveryMs);
    }
    await working;
    return longestMs;
  }

  /** Gets the paths in turn, `total` in all, on several connections, each with one request at a time. @returns milliseconds */
  async getMany(paths: readonly string[], total: number, connections: number): Promise<number> {
    let left = total;
    const heads = paths.map((path) => this.#head(path));
    const next = () => {
      left -= 1;
      return left < 0 ? undefined : heads[left % heads.length];
    };
    const sockets = await Promise.all(Array.from({ length: connections }, () => this.#connect()));
    const start = performance.now();
    await Promise.all(sockets.map((socket) => getInTurn(socket, next)));
    const wallMs = performance.now() - start;
    for (const socket of sockets) socket.destroy();
    return wallMs;
  }

  close(): void {
    this.#agent.destroy();
    this.#probeAgent.destroy();
  }

  async #read(path: string, headers: OutgoingHttpHeaders, agent: Agent): Promise<Reading> {
    const { port, ca, frontProxy, headers: added } = this.#options;
    const start = performance.now();
    const sent = request({
      ...{ host: '127.0.0.1', port, path, agent, ca },
      ...{ cert: frontProxy.certificate, key: frontProxy.key },
      headers: { ...added, ...headers } as OutgoingHttpHeaders,
    }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let bodyBytes = 0;
    response.on('data', (chunk: Buffer) => {
      bodyBytes += chunk.length;
    });
    await once(response, 'end');
    const { statusCode } = response;
    if (statusCode !== 200) throw new Error(`expected 200 for ${path}, found ${statusCode}`);
    return { wallMs: performance.now() - start, bodyBytes };
  }

  async #connect() {
    const { port, ca, frontProxy } = this.#options;
    const { certificate: cert, key } = frontProxy;
    const socket = connect({ host: '127.0.0.1', port, ca, cert, key });
    await once(socket, 'secureConnect');
    return socket;
  }

  /** A request as bytes: Node's own client would be the slower one of the two. */
  #head(path: string): Buffer {
    const added = Object.entries(this.#options.headers).flatMap(([name, values]) =>
      [values].flat().map((value) => `${name}: ${value}\r\n`),
    );
    return Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\n${added.join('')}\r\n`,
    );
  }
}

/** One request after the other until there is none left. Each answer says its length. */
async function getInTurn(
  socket: Awaited<ReturnType<typeof connect>>,
  next: () => Buffer | undefined,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let expectedBytes = 0;
  const ask = () => {
    const head = next();
    if (head === undefined) resolve();
    else socket.write(head);
  };
  socket.on('error', reject).on('close', () => reject(new Error('the server ended a connection')));
  socket.on('data', (chunk: Buffer) => {
    if (expectedBytes === 0) {
      const bodyAt = chunk.indexOf('\r\n\r\n') + 4;
      const head = chunk.toString('latin1', 0, bodyAt);
      const length = /content-length: (\d+)/i.exec(head)?.[1];
      if (!head.startsWith('HTTP/1.1 200') || length === undefined) {
        reject(new Error(`expected 200 with a length, found ${head.split('\r\n', 1)[0]}`));
        return;
      }
      expectedBytes = bodyAt + Number(length);
    }
    expectedBytes -= chunk.length;
    if (expectedBytes === 0) ask();
  });
  ask();
  await promise;
}
