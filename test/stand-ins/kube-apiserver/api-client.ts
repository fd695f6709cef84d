import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import type { StandInKubeApiserver } from './kube-apiserver.ts';
import type { CertificateAndKey } from './pki.ts';

/** A plain HTTPS client of the stand-in for tests: one connection a request, nothing retried, nothing decoded. */
export interface ApiRequest {
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: unknown;
  client?: CertificateAndKey;
  token?: string;
}

export interface ApiAnswer {
  code: number;
  headers: IncomingMessage['headers'];
  bytes: Buffer;
  text: string;
  /** The body as JSON; undefined when it is not JSON. */
  json: unknown;
}

/** Resolves with the answer's head; the body is still to be read. */
export async function open(
  { url, pki }: Pick<StandInKubeApiserver, 'url' | 'pki'>,
  path: string,
  { method = 'GET', headers = {}, body, client, token }: ApiRequest = {},
): Promise<IncomingMessage> {
  const sent = request(new URL(url), {
    agent: false,
    // Not taken from a URL, which would normalise it.
    path,
    method,
    ca: pki.clusterCa.certificate,
    ...(client && { cert: client.certificate, key: client.key }),
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  sent.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

export async function fetchFrom(
  apiserver: Pick<StandInKubeApiserver, 'url' | 'pki'>,
  path: string,
  options: ApiRequest = {},
): Promise<ApiAnswer> {
  const response = await open(apiserver, path, options);
  const bytes = Buffer.concat(await response.toArray());
  const text = bytes.toString();
  return { code: response.statusCode ?? 0, headers: response.headers, bytes, text, json: parseJson(text) };
}

export interface WatchLine {
  type: string;
  object: { metadata: { name?: string; resourceVersion?: string; annotations?: Record<string, string> } };
}

/** The events of a watch as they arrive; leaving the loop closes the connection. */
export async function* watchLines(
  apiserver: Pick<StandInKubeApiserver, 'url' | 'pki'>,
  path: string,
  options: ApiRequest = {},
): AsyncGenerator<WatchLine, void> {
  const response = await open(apiserver, path, options);
  try {
    for await (const line of createInterface({ input: response })) yield JSON.parse(line);
  } finally {
    response.destroy();
  }
}

/** What is left of a watch, up to its end. */
export async function remaining(watch: AsyncIterable<WatchLine>): Promise<WatchLine[]> {
  const lines: WatchLine[] = [];
  for await (const line of watch) lines.push(line);
  return lines;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
