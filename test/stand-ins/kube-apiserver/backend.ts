import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { CertificateAndKey } from './pki.ts';
import { identityHeaders } from './proxy-headers.ts';
import type { User } from './tokens.ts';

/** An extension API server as the aggregation layer reaches it: verified TLS, named by the front-proxy certificate. */
export interface Backend {
  url: URL;
  send(options: {
    method: string;
    path: string;
    headers: OutgoingHttpHeaders;
    signal: AbortSignal;
  }): ClientRequest;
  /** A GET of kube-apiserver's own. Rejects when there is no answer within its 5 s. */
  ask(path: string, user: User, accept: string | undefined, signal: AbortSignal): Promise<BackendAnswer>;
  /** Closes every connection. */
  close(): void;
}

export interface BackendAnswer {
  code: number;
  contentType: string;
  body: string;
}

export interface BackendAddress {
  /** Only scheme, host and port count: `https://127.0.0.1:4443`. */
  url: string;
  /** The name sent as SNI and looked for in the certificate: `<service>.<namespace>.svc`. */
  serverName: string;
}

/** What an APIService says of the backend's certificate. */
export interface BackendTrust {
  /** PEM certificates, one of which must have signed it. */
  caBundle: string;
  insecureSkipTLSVerify: boolean;
}

const ownRequestTimeoutMs = 5000;
const unzip = promisify(gunzip);

/** @param trust asked for each request: what has changed holds for new connections, those of another trust are left */
export function createBackend(
  { url: address, serverName }: BackendAddress,
  frontProxy: CertificateAndKey,
  trust: () => BackendTrust,
): Backend {
  const url = new URL(address);
  const agent = new Agent({
    keepAlive: true,
    // The idle pool of client-go's transport.
    maxFreeSockets: 25,
    cert: frontProxy.certificate,
    key: frontProxy.key,
    servername: serverName,
    ALPNProtocols: ['http/1.1'],
  });

  const send: Backend['send'] = ({ method, path, headers, signal }) => {
    const { caBundle: ca, insecureSkipTLSVerify } = trust();
    return request({
      ...{ host: url.hostname, port: url.port || 443, method, path, headers, signal, agent },
      ...{ ca, rejectUnauthorized: !insecureSkipTLSVerify },
    });
  };

  return {
    url,
    send,
    ask(path, user, accept, signal) {
      const headers = {
        'Accept-Encoding': 'gzip',
        ...(accept !== undefined && { Accept: accept }),
        ...identityHeaders(user),
      };
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(ownRequestTimeoutMs)]);
      return new Promise((resolve, reject) => {
        send({ method: 'GET', path, headers, signal: bounded })
          .on('response', (response) => readAnswer(response).then(resolve, reject))
          .on('error', reject)
          .end();
      });
    },
    close: () => agent.destroy(),
  };
}

async function readAnswer(response: IncomingMessage): Promise<BackendAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const body = response.headers['content-encoding'] === 'gzip' ? await unzip(bytes) : bytes;
  return {
    code: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    body: body.toString(),
  };
}
