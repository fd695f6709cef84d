import { constants, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { openPort } from '@tacho/command-line';
import express, { type Request, type Response } from 'express';
import { type ApiRequest, isWatchBody } from '../api/protocol/api-message.ts';
import { parseGoQuery } from '../api/text/go-query.ts';
import { tokenWarning } from '../identity/bearer-token.ts';
import { Answering, type AnsweringDeps } from './answering.ts';
import { type ConnectionObserver, connectionOptions, limitConnections } from './connection-limits.ts';
import { OpenRequests, type RequestObserver } from './open-requests.ts';
import { OpenWatches } from './open-watches.ts';
import { discardBody } from './request-body.ts';
import { requestKind } from './request-kind.ts';
import { checkUrl, type ServerLimits, usualLimits } from './request-limits.ts';
import { sendBody, takesGzip, usualGzipAboveBytes } from './send-body.ts';
import type { ServingPair } from './serving-pair.ts';
import { findByServerName, type SniPair, sniPairsByName } from './sni-pairs.ts';
import { cutOffStalledReader } from './stalled-reader.ts';
import { type TlsProtocol, usualProtocol } from './tls-protocol.ts';

/** What the HTTPS listener needs. */
export interface ApiServerDeps extends Omit<AnsweringDeps, 'limited'> {
  /** TLS 1.2 and later by default. */
  readonly tlsProtocol?: TlsProtocol;
  /** What is bounded otherwise than usual. */
  readonly limits?: Partial<ServerLimits>;
  readonly observer: ConnectionObserver & RequestObserver;
  readonly monotonicMs: () => number;
}

/** A resumed session knows the client's certificate but none of the intermediates that it came with. */
const noTickets = constants.SSL_OP_NO_TICKET;

/** Made once: without a reason each request would have an exception made, with its stack. */
const connectionClosed = new Error('the client has its answer or has left');

/** The HTTPS listener for kube-apiserver: sockets and headers become values here, and answers become bytes. */
export class ApiServer {
  readonly #deps: ApiServerDeps;
  readonly #server: Server;
  readonly #monotonicMs: () => number;
  readonly #limits: ServerLimits;
  readonly #open: OpenRequests;
  readonly #answering: Answering;
  readonly #watches: OpenWatches;
  #closing = false;
  #serving: ServingPair;
  #clientBundle: string | undefined;
  #sniPairs: ReadonlyMap<string, ServingPair> = new Map();
  #sniContexts: ReadonlyMap<string, SecureContext> = new Map();

  constructor(deps: ApiServerDeps, serving: ServingPair) {
    this.#deps = deps;
    this.#serving = serving;
    const { observer } = deps;
    this.#limits = { ...usualLimits, ...deps.limits };
    this.#monotonicMs = deps.monotonicMs;
    this.#open = new OpenRequests(this.#limits, observer, deps.monotonicMs);
    this.#answering = new Answering({ ...deps, limited: (reason) => observer.limited(reason) }, this.#limits);
    this.#watches = new OpenWatches(this.#limits.stalledMs, () => observer.limited('slow-reader'));
    const app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    const serve = (request: Request, response: Response) => {
      this.#serve(request, response).catch((error: unknown) => this.#fail(response, error));
    };
    app.use(serve);
    // To a target that it cannot read, such as http://a:b:c/, Express itself would say 404 in HTML.
    const listener = (request: IncomingMessage, response: ServerResponse) =>
      app(request as Request, response as Response, () => serve(request as Request, response as Response));
    this.#server = createServer(
      {
        ...serving,
        ...(deps.tlsProtocol ?? usualProtocol),
        SNICallback: (name, done) => done(null, findByServerName(this.#sniContexts, name)),
        ALPNProtocols: ['http/1.1'],
        // Which CA has signed a client's certificate is judged per request: one server knows several.
        requestCert: true,
        rejectUnauthorized: false,
        secureOptions: noTickets,
        ...connectionOptions(this.#limits),
      },
      listener,
    );
    limitConnections(this.#server, this.#limits, observer, (socket) => this.#open.on(socket) > 0);
    // Nobody reads a body, so no client is told to send one.
    this.#server.on('checkContinue', listener);
    // Nor can anything else that is expected be refused: it would be without a Status (RFC 9110 section 10.1.1).
    this.#server.on('checkExpectation', listener);
  }

  /** How many requests there were at once, and how many watches are open. */
  get load() {
    return { peaks: this.#open.peaks(), watches: this.#open.watches };
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
    return openPort(this.#server, { port, host }, () => this.#deps.observer.handshakeFailed());
  }

  /**
   * Goes on serving, but ends each connection with its next answer, so that clients look for another replica. Idle ones
   * stay: a request may be on its way on them, and not every client would send it again. Watches end: theirs would last.
   */
  endConnections(): void {
    this.#closing = true;
    this.#watches.end();
  }

  /** Lets requests in flight finish, ends watches and closes idle connections at once. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#watches.close();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    await closed;
  }

  #setSecureContext(): void {
    const ca = this.#clientBundle;
    const protocol = this.#deps.tlsProtocol ?? usualProtocol;
    const options = { ...(ca !== undefined && { ca }), ...protocol, secureOptions: noTickets };
    this.#server.setSecureContext({ ...this.#serving, ...options });
    this.#sniContexts = new Map(
      [...this.#sniPairs].map(([name, pair]) => [name, createSecureContext({ ...pair, ...options })]),
    );
  }

  async #serve(incoming: Request, outgoing: Response): Promise<void> {
    const { observer } = this.#deps;
    const abort = new AbortController();
    outgoing.on('close', () => abort.abort(connectionClosed));
    discardBody(incoming, outgoing, this.#limits, () => observer.limited('body-size'));
    const request = toApiRequest(incoming, this.#limits);
    const kind = requestKind(request);
    const { socket, rawHeaders, url, httpVersion } = incoming;
    const arrival = {
      ...{ kind, rawHeaders, httpVersion, requestUri: url, connection: socket as TLSSocket },
      crowd: this.#open.crowd(kind),
      pipelined: this.#open.on(socket),
    };
    this.#open.add(socket, outgoing, kind);
    const answer = await this.#answering.answer(request, arrival, abort);
    if (answer === undefined) return;
    if (!kind.longRunning) {
      cutOffStalledReader(outgoing, this.#limits.stalledMs, () => observer.limited('slow-reader'));
    }
    const auditId = request.header('audit-id') || randomUUID();
    outgoing.status(answer.status);
    // Not Express's set(), which adds a charset to media types that Kubernetes sends without one.
    for (const [name, value] of Object.entries(answer.headers)) outgoing.setHeader(name, value);
    if (answer.gzipAboveBytes !== undefined) {
      outgoing.setHeader('Vary', ['Accept-Encoding', answer.headers['Vary'] ?? ''].filter(Boolean));
    }
    outgoing.setHeader('Audit-Id', auditId);
    const warning = tokenWarning(request.header('authorization'));
    if (warning !== undefined) outgoing.setHeader('Warning', warning);
    // Kept alive, it would hold close() up until it has been idle for two minutes.
    // And what follows a request for an upgrade in the same packet is lost on node:http: it would wait for ever.
    if (this.#closing || incoming.headers.upgrade !== undefined) outgoing.setHeader('Connection', 'close');
    if (isWatchBody(answer.body)) await this.#watches.send(outgoing, answer.body);
    else {
      await sendBody(outgoing, answer.body, {
        gzipAboveBytes: takesGzip(request.header('accept-encoding'))
          ? (answer.gzipAboveBytes ?? usualGzipAboveBytes)
          : undefined,
        monotonicMs: this.#monotonicMs,
      });
    }
  }

  /** Half an answer: only the end of the connection says so. */
  #fail(outgoing: Response, error: unknown): void {
    // The socket may be gone before the response has heard of it.
    const hasLeft = outgoing.closed || outgoing.req.socket.destroyed;
    outgoing.destroy();
    if (hasLeft) return;
    const reason = error instanceof Error ? error.message : String(error);
    const [path] = outgoing.req.url.split('?', 1);
    this.#deps.log.error({ path, reason }, 'cannot finish an answer');
  }
}

function toApiRequest(incoming: Request, limits: ServerLimits): ApiRequest {
  // Answering refuses one that is too long; nobody pays for reading it first.
  const url = checkUrl(incoming.url, limits) === undefined ? incoming.url : '/';
  const mark = url.indexOf('?');
  return {
    method: incoming.method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: parseGoQuery(mark < 0 ? '' : url.slice(mark + 1)),
    // Of a header sent twice the first counts, as with Go.
    header: (name) => {
      const value = incoming.headers[name.toLowerCase()];
      return typeof value === 'string' && !value.includes(', ') ? value : firstOf(incoming.rawHeaders, name);
    },
  };
}

function firstOf(rawHeaders: readonly string[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  const index = rawHeaders.findIndex((text, at) => at % 2 === 0 && text.toLowerCase() === wanted);
  return index < 0 ? undefined : rawHeaders[index + 1];
}
