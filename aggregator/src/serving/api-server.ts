import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import express, { type Request, type Response } from 'express';
import type { Logger } from 'pino';
import type { ApiRequest, ApiResponse } from '../api/api-message.ts';
import { respondStatus } from '../api/status.ts';
import { type Caller, type GateDeps, refuse } from '../identity/gate.ts';
import { type HealthChecks, healthPaths, respondHealth } from './health.ts';
import type { ServingPair } from './serving-pair.ts';
import { findByServerName, type SniPair, sniPairsByName } from './sni-pairs.ts';
import { type TlsProtocol, usualProtocol } from './tls-protocol.ts';

/** What the HTTPS listener needs. */
export interface ApiServerDeps {
  readonly log: Logger;
  readonly gate: GateDeps;
  readonly api: (request: ApiRequest) => ApiResponse;
  /** TLS 1.2 and later by default. */
  readonly tlsProtocol?: TlsProtocol;
  readonly health: { readonly live: HealthChecks; readonly ready: HealthChecks };
}

/** As metrics-server's Go server: large identities fit, idle connections outlive the 90 s that Go clients keep them. */
const maxHeaderBytes = 1024 * 1024;
const idleMs = 120_000;
const headersMs = 32_000;
const requestMs = 60_000;

/** Where an answer repeats what the caller has sent, no browser shall take it for a page. */
const noSniffing = { 'X-Content-Type-Options': 'nosniff' };

/** The HTTPS listener for kube-apiserver: sockets and headers become values here, and answers become bytes. */
export class ApiServer {
  readonly #deps: ApiServerDeps;
  readonly #server: Server;
  #closing = false;
  #serving: ServingPair;
  #clientBundle: string | undefined;
  #sniPairs: ReadonlyMap<string, ServingPair> = new Map();
  #sniContexts: ReadonlyMap<string, SecureContext> = new Map();

  constructor(deps: ApiServerDeps, serving: ServingPair) {
    this.#deps = deps;
    this.#serving = serving;
    const app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    app.use((request, response) => void this.#serve(request, response));
    this.#server = createServer(
      {
        ...serving,
        ...(deps.tlsProtocol ?? usualProtocol),
        SNICallback: (name, done) => done(null, findByServerName(this.#sniContexts, name)),
        ALPNProtocols: ['http/1.1'],
        // Which CA has signed a client's certificate is judged per request: one server knows several.
        requestCert: true,
        rejectUnauthorized: false,
        maxHeaderSize: maxHeaderBytes,
        headersTimeout: headersMs,
        requestTimeout: requestMs,
        keepAliveTimeout: idleMs,
      },
      app,
    );
    this.#server.maxHeadersCount = 0;
  }

  /** Tells clients from now on which CA's certificates are asked for. @param bundle PEM */
  askForCertificatesOf(bundle: string): void {
    this.#clientBundle = bundle;
    this.#setSecureContext();
  }

  /** Shows new connections this certificate; those that are open go on. */
  serveWith(serving: ServingPair): void {
    this.#serving = serving;
    this.#setSecureContext();
  }

  /** Shows those who ask for one of their names these instead, from now on. */
  serveSni(pairs: readonly SniPair[]): void {
    this.#sniPairs = sniPairsByName(pairs);
    this.#setSecureContext();
  }

  /** @returns the port that was bound */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Goes on serving, but ends each connection with its next answer, so that clients look for another replica. Idle ones
   * stay: a request may be on its way on them, and not every client would send it again.
   */
  endConnections(): void {
    this.#closing = true;
  }

  /** Lets requests in flight finish, closes idle connections at once. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    await closed;
  }

  #setSecureContext(): void {
    const ca = this.#clientBundle;
    const options = { ...(ca !== undefined && { ca }), ...(this.#deps.tlsProtocol ?? usualProtocol) };
    this.#server.setSecureContext({ ...this.#serving, ...options });
    this.#sniContexts = new Map(
      [...this.#sniPairs].map(([name, pair]) => [name, createSecureContext({ ...pair, ...options })]),
    );
  }

  async #serve(incoming: Request, outgoing: Response): Promise<void> {
    const abort = new AbortController();
    outgoing.on('close', () => abort.abort());
    const request = toApiRequest(incoming);
    let answer: ApiResponse;
    try {
      answer = await this.#answer(request, incoming, abort.signal);
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#deps.log.error(
        { path: request.path, reason: error instanceof Error ? error.message : String(error) },
        'cannot answer a request',
      );
      answer = {
        status: 500,
        headers: { 'Content-Type': 'text/plain; charset=utf-8', ...noSniffing },
        body: `Internal Server Error: "${request.path}"`,
      };
    }
    const auditId = request.header('audit-id') || randomUUID();
    outgoing.status(answer.status);
    // Not Express's set(), which adds a charset to media types that Kubernetes sends without one.
    for (const [name, value] of Object.entries(answer.headers)) outgoing.setHeader(name, value);
    outgoing.setHeader('Audit-Id', auditId);
    // Kept alive, it would hold close() up until it has been idle for two minutes.
    if (this.#closing) outgoing.setHeader('Connection', 'close');
    const body = typeof answer.body === 'string' ? Buffer.from(answer.body, 'utf8') : answer.body;
    outgoing.setHeader('Content-Length', body.length);
    if (incoming.method === 'HEAD') outgoing.end();
    else outgoing.end(body);
  }

  async #answer(request: ApiRequest, incoming: Request, signal: AbortSignal): Promise<ApiResponse> {
    const { api, gate, health } = this.#deps;
    const refusal = await refuse(request, callerOf(incoming), gate, signal);
    if (refusal !== undefined) {
      const { headers, ...rest } = respondStatus(refusal, request);
      return { ...rest, headers: refusal.code === 403 ? { ...headers, ...noSniffing } : headers };
    }
    if (!healthPaths.includes(request.path)) return api(request);
    const checks = request.path === '/readyz' ? { ...health.live, ...health.ready } : health.live;
    return respondHealth(request.path, checks, request.query.has('verbose'));
  }
}

function toApiRequest(incoming: Request): ApiRequest {
  const url = incoming.url;
  const mark = url.indexOf('?');
  return {
    method: incoming.method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    header: (name) => {
      const value = incoming.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(', ') : value;
    },
  };
}

function callerOf(incoming: Request): Caller {
  const socket = incoming.socket as TLSSocket;
  return { certificate: socket.getPeerX509Certificate(), rawHeaders: incoming.rawHeaders };
}
