import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { AggregatedVersion } from './aggregation.ts';
import { proxyRequestHeaders, proxyResponseHeaders } from './proxy-headers.ts';
import type { RequestInfo } from './request-info.ts';
import { respondText } from './respond.ts';
import type { User } from './tokens.ts';

/** kube-apiserver's bound on the discovery document of a group version, and its default for the rest but watches. */
const discoveryTimeoutMs = 5000;
const requestTimeoutMs = 60_000;

/** Hands a request on to the backend of its group version and streams the answer back. */
export function proxy(
  { backend, state }: AggregatedVersion,
  { info, user, signal }: { info: RequestInfo; user: User; signal: AbortSignal },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (!state.available) {
    respondText(response, 503, 'service unavailable');
    return;
  }
  const hasBody = 'content-length' in request.headers || 'transfer-encoding' in request.headers;
  const options = {
    method: request.method ?? 'GET',
    path: sortedTarget(info),
    headers: {
      Host: backend.url.host,
      ...proxyRequestHeaders(request.rawHeaders, user, {
        host: request.headers.host ?? '',
        uri: info.path,
        for: request.socket.remoteAddress ?? '',
        auditId: randomUUID(),
      }),
    },
    signal: bounded(info, signal),
  };
  forward();

  function forward(): void {
    const onward = backend.send(options);
    onward.on('response', (answer) => relay(answer, response));
    onward.on('error', (error: NodeJS.ErrnoException) => {
      if (response.destroyed) return;
      // The backend closed an idle connection just as it was taken from the pool: nothing has been processed. As Go's
      // transport, until a connection is a new one.
      if (!hasBody && onward.reusedSocket && error.code === 'ECONNRESET' && !response.headersSent) {
        forward();
        return;
      }
      fail(response, options.signal.aborted ? 'context deadline exceeded' : error.message);
    });
    response.once('close', () => {
      if (!response.writableFinished) onward.destroy();
    });
    if (hasBody) request.pipe(onward);
    else onward.end();
  }
}

function relay(answer: IncomingMessage, response: ServerResponse): void {
  const code = answer.statusCode ?? 502;
  if (code >= 300 && code < 400 && answer.headers.location !== undefined) {
    answer.resume();
    respondText(response, 502, 'the backend attempted to redirect this request, which is not permitted');
    return;
  }
  response.writeHead(code, proxyResponseHeaders(answer.rawHeaders));
  response.flushHeaders();
  pipeline(answer, response, () => {});
}

function fail(response: ServerResponse, cause: string): void {
  if (response.headersSent) response.destroy();
  else respondText(response, 503, `error trying to reach service: ${cause}`);
}

function bounded({ verb, resource }: RequestInfo, signal: AbortSignal): AbortSignal {
  if (verb === 'watch') return signal;
  return AbortSignal.any([signal, AbortSignal.timeout(resource ? requestTimeoutMs : discoveryTimeoutMs)]);
}

/** The path as it came; the query parsed and written again, sorted by key, as the Go proxy does. */
function sortedTarget({ path, query }: RequestInfo): string {
  const sorted = new URLSearchParams(query);
  sorted.sort();
  return sorted.size === 0 ? path : `${path}?${sorted}`;
}
