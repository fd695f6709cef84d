import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type Agent, request } from 'node:https';
import { type CertificateAndKey, createPki, type Pki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import type { ApiRequest, ApiResponse } from '../api/protocol/api-message.ts';
import { keptLog } from '../fixture-log.ts';
import { readBundle } from '../identity/ca-bundle.ts';
import { PeerCertificates } from '../identity/peer-certificate.ts';
import type { User } from '../identity/user.ts';
import type { Wanted } from '../identity/wanted.ts';
import { ApiServer } from './api-server.ts';
import type { ServerLimits } from './request-limits.ts';

/** How a request is made; headers with a list are sent once for each of its values. */
interface Asking {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly client?: CertificateAndKey;
  readonly agent?: Agent;
  /** Another way to this server or to one of the same PKI. */
  readonly port?: number;
}

/** An ApiServer on a free port, of a PKI of its own unless one is given, with an authorizer and an API that a test can exchange. */
export async function startApiServer(given?: Pki, limits?: Partial<ServerLimits>) {
  const pki = given ?? (await createPki());
  const serving = await pki.servingCa.issueServing(['127.0.0.1']);
  const proxy = await pki.frontProxyCa.issueClient({ commonName: 'front-proxy-client' });
  const { log, lines } = keptLog();
  const decided: [User, Wanted][] = [];
  const answered: string[] = [];
  const limited: string[] = [];
  const state = {
    ready: true,
    /** Whether the front proxy's CA is known; that of users is. */
    trusted: true,
    decide: async (_user: User, _wanted: Wanted, _signal: AbortSignal) => ({ allowed: true, reason: '' }),
    api: (_request: ApiRequest): ApiResponse => ({
      status: 200,
      headers: { 'Content-Type': 'application/json' },
      body: '{"kind":"Größe"}\n',
    }),
  };
  const clientCa = readBundle(pki.clusterCa.certificate);
  const frontProxy = {
    ca: readBundle(pki.frontProxyCa.certificate),
    allowedNames: ['front-proxy-client'],
    usernameHeaders: ['x-remote-user'],
    uidHeaders: ['x-remote-uid'],
    groupHeaders: ['x-remote-group'],
    extraHeaderPrefixes: ['x-remote-extra-'],
  };
  const [whole, withoutProxy] = [
    { frontProxy, clientCa },
    { frontProxy: undefined, clientCa },
  ];
  const server = new ApiServer(
    {
      log,
      gate: {
        log,
        trust: () => (state.trusted ? whole : withoutProxy),
        peers: new PeerCertificates(),
        tokens: { user: async () => ({ error: 'no token is valid here' }) },
        access: {
          decide(user, wanted, signal) {
            decided.push([user, wanted]);
            return state.decide(user, wanted, signal);
          },
        },
        wallMs: () => Date.now(),
      },
      api: (each) => state.api(each),
      health: {
        live: { ping: () => undefined },
        ready: { 'watches-synced': () => (state.ready ? undefined : 'pods are not there yet') },
      },
      nodes: { replica: () => ({}), nodes: () => [], node: () => undefined },
      metrics: { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: async () => 'up 1\n' },
      observer: {
        answered: ({ verb, resource, subresource }, code) =>
          void answered.push(`${verb} ${resource || subresource} ${code}`),
        limited: (reason) => void limited.push(reason),
        handshakeFailed: () => void limited.push('handshake'),
      },
      monotonicMs: () => performance.now(),
      ...(limits !== undefined && { limits }),
    },
    { cert: Buffer.from(serving.certificate), key: Buffer.from(serving.key) },
  );
  const port = await server.listen(0, '127.0.0.1');

  const open = (
    path: string,
    { method = 'GET', headers = {}, client, agent, port: way = port }: Asking = {},
  ) =>
    request({
      ...{ host: '127.0.0.1', port: way, path, method, headers, agent: agent ?? false },
      ca: pki.servingCa.certificate,
      ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
    });
  const ask = async (path: string, asking?: Asking) => {
    const sent = open(path, asking).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const body = Buffer.concat(await response.toArray()).toString();
    return { status: response.statusCode, headers: response.headers, body };
  };
  return {
    ...{ pki, proxy, server, port, state, lines, decided, answered, limited, open, ask },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
