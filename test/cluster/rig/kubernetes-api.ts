import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As UTF-8 text. */
  readonly body: string;
  readonly bytes: Buffer;
}

export interface ApiRequest {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/**
 * HTTP to kube-apiserver as the cluster's administrator, from the test process itself. Every status is an answer.
 * @throws when there is none: kube-apiserver is away, or the time is over
 */
export interface KubernetesApi {
  request(method: string, path: string, options?: ApiRequest): Promise<ApiAnswer>;
  get(path: string, options?: ApiRequest): Promise<ApiAnswer>;
  post(path: string, body: unknown): Promise<ApiAnswer>;
  /** A strategic merge patch unless another content type is given. */
  patch(path: string, body: unknown, contentType?: string): Promise<ApiAnswer>;
  delete(path: string): Promise<ApiAnswer>;
  /** Closes its connections. */
  close(): void;
}

const defaultTimeoutMs = 30_000;
const strategicMergePatch = 'application/strategic-merge-patch+json';

/** Speaks to `kubectl proxy --unix-socket`, which adds the credentials. */
export function createKubernetesApi(socketPath: string): KubernetesApi {
  const agent = new Agent({ keepAlive: true });

  function request(method: string, path: string, options: ApiRequest = {}): Promise<ApiAnswer> {
    const { body, headers = {}, timeoutMs = defaultTimeoutMs } = options;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type = text === undefined ? {} : { 'content-type': 'application/json' };
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
    const sent = httpRequest({
      agent,
      socketPath,
      method,
      path,
      signal: AbortSignal.timeout(timeoutMs),
      // kubectl's proxy lets only names of this machine through.
      headers: { host: 'localhost', ...type, ...headers },
    });
    const failed = (cause: Error) => reject(new Error(`${method} ${path}: ${cause.message}`, { cause }));
    sent.once('error', failed);
    sent.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', failed);
      response.once('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: bytes.toString('utf8'),
          bytes,
        });
      });
    });
    sent.end(text);
    return promise;
  }

  return {
    request,
    get: (path, options) => request('GET', path, options),
    post: (path, body) => request('POST', path, { body }),
    patch: (path, body, contentType = strategicMergePatch) =>
      request('PATCH', path, { body, headers: { 'content-type': contentType } }),
    delete: (path) => request('DELETE', path),
    close: () => agent.destroy(),
  };
}
