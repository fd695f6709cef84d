import { once } from 'node:events';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { CertificateAndKey } from '../kube-apiserver/pki.ts';
import { type ResourceFigures, resourceMetrics } from './resource-metrics.ts';

/** What is wrong with a kubelet. */
export type Illness =
  | 'hung'
  | 'stalled'
  | 'status 500'
  | 'status 401'
  | 'redirect'
  | 'truncated'
  | 'cut off'
  | '200 MiB'
  | 'rubbish'
  | 'duplicate series'
  | 'no date'
  | 'compressed';

interface Options {
  readonly http: 1 | 2;
  readonly host?: string;
  /** By how much its clock is ahead. */
  readonly aheadMs?: number;
}

type Request = Pick<Http2ServerRequest, 'headers' | 'url' | 'httpVersion'>;
/** What both kinds of responses have. */
type Response = Pick<Http2ServerResponse, 'setHeader' | 'writeHead' | 'end' | 'write' | 'on'> & {
  sendDate: boolean;
};

/** A kubelet as far as its /metrics/resource goes: real TLS, HTTP/1.1 or 2, and every illness that one can have. */
export class SimulatedKubelet implements AsyncDisposable {
  illness: Illness | undefined;
  /** What it says; instants by its own clock. */
  figures: (nowMs: number) => ResourceFigures = () => ({ node: undefined, containers: [] });
  /** What it was asked, by whom, over which version of HTTP. */
  readonly asked: { url: string; authorization: string | undefined; httpVersion: string }[] = [];
  /** Connections that were opened. */
  connections = 0;
  aheadMs: number;
  readonly #server: Http2SecureServer | ReturnType<typeof createServer>;
  readonly #sockets = new Set<Socket>();
  readonly host: string;

  private constructor(pair: CertificateAndKey, { http, host = '127.0.0.1', aheadMs = 0 }: Options) {
    this.host = host;
    this.aheadMs = aheadMs;
    const tls = { cert: pair.certificate, key: pair.key };
    const answer = (request: Request, response: Response) => this.#answer(request, response);
    this.#server = http === 1 ? createServer(tls, answer as never) : createSecureServer(tls, answer as never);
    this.#server.on('secureConnection', (socket: Socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => undefined);
    });
    this.#server.on('tlsClientError', () => undefined);
  }

  static async listen(pair: CertificateAndKey, options: Options): Promise<SimulatedKubelet> {
    const kubelet = new SimulatedKubelet(pair, options);
    kubelet.#server.listen(0, kubelet.host);
    await once(kubelet.#server, 'listening');
    return kubelet;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #answer({ headers, httpVersion, url }: Request, response: Response): void {
    this.asked.push({ url, authorization: headers.authorization, httpVersion });
    response.on('error', () => undefined);
    if (this.illness === 'hung') return;
    const nowMs = Date.now() + this.aheadMs;
    response.sendDate = false;
    if (this.illness !== 'no date') response.setHeader('date', new Date(nowMs).toUTCString());
    if (this.illness === 'status 500')
      return void response.writeHead(500).end('<script>secret words of a peer</script>');
    if (this.illness === 'status 401') return void response.writeHead(401).end('secret words of a peer');
    if (this.illness === 'redirect') {
      return void response.writeHead(302, { location: `https://${this.host}:${this.port}/elsewhere` }).end();
    }
    if (this.illness === 'rubbish')
      return void response.writeHead(200).end('<html>\n<body>secret words</body>\n</html>\n');
    if (this.illness === 'compressed') response.setHeader('content-encoding', 'gzip');
    if (this.illness === '200 MiB') {
      this.#flood(response);
      return;
    }
    const text = resourceMetrics(this.figures(nowMs), this.illness === 'duplicate series');
    if (this.illness === 'cut off') return void response.writeHead(200).end(text.slice(0, -20));
    if (this.illness === 'truncated') {
      response.writeHead(200, { 'content-length': String(text.length) });
      response.write(text.slice(0, text.length / 2));
      setTimeout(() => this.drop(), 20);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    if (this.illness === 'stalled') return void response.write(text.slice(0, text.length / 2));
    response.end(text);
  }

  #flood(response: Response): void {
    response.writeHead(200);
    const line = `container_cpu_usage_seconds_total{container="c",namespace="n",pod="p"} 1 5\n`;
    const chunk = line.repeat(Math.floor(2 ** 20 / line.length));
    let left = 200;
    const more = () => {
      while (left > 0) {
        left -= 1;
        if (!response.write(chunk)) {
          (response as unknown as { once(event: string, listener: () => void): void }).once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  }

  /** Ends all connections in the middle of whatever they carry. */
  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.drop();
  }
}
