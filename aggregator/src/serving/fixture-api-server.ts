import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type Agent, request } from 'node:https';
import { type CertificateAndKey, createPki, type Pki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import type { ApiRequest, ApiResponse } from '../api/api-message.ts';
import { keptLog } from '../fixture-log.ts';
import type { Wanted } from '../identity/access-review.ts';
import { readBundle } from '../identity/front-proxy.ts';
import type { User } from '../identity/user.ts';
import { ApiServer } from './api-server.ts';

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
export async function startApiServer(given?: Pki) {
  const pki = given ?? (await createPki());
  const serving = await pki.servingCa.issueServing(['127.0.0.1']);
  const proxy = await pki.frontProxyCa.issueClient({ commonName: 'front-proxy-client' });
  const { log, lines } = keptLog();
  const decided: [User, Wanted][] = [];
  const state = {
    ready: true,
    trusted: true,
    decide: async (_user: User, _wanted: Wanted, _signal: AbortSignal) => ({ allowed: true, reason: '' }),
    api: (_request: ApiRequest): ApiResponse => ({
      status: 200,
      headers: { 'Content-Type': 'application/json' },
      body: '{"kind":"Größe"}\n',
    }),
  };
  const trust = {
    ca: readBundle(pki.frontProxyCa.certificate),
    allowedNames: ['front-proxy-client'],
    usernameHeaders: ['X-Remote-User'],
    uidHeaders: ['X-Remote-Uid'],
    groupHeaders: ['X-Remote-Group'],
    extraHeaderPrefixes: ['X-Remote-Extra-'],
  };
  const server = new ApiServer(
    {
      log,
      gate: {
        trust: () => (state.trusted ? trust : undefined),
        access: {
          decide(user, wanted, signal) {
            decided.push([user, wanted]);
            return state.decide(user, wanted, signal);
          },
        },
        wallMs: () => Date.now(),
      },
      api: (each) => state.api(each),
      health: { live: { ping: () => true }, ready: { 'watches-synced': () => state.ready } },
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
    ...{ pki, proxy, server, port, state, lines, decided, open, ask },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
