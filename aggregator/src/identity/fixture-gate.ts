import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { type Agent, request } from 'node:https';
import { extensionAuthenticationConfigMap } from '../../../test/stand-ins/kube-apiserver/authentication.ts';
import { aggregatorRule, aggregatorUsername } from '../../../test/stand-ins/kube-apiserver/authorization.ts';
import type { CertificateAndKey, Pki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { keptLog } from '../fixture-log.ts';
import { startCluster } from '../kube/fixture-cluster.ts';
import { ApiServer } from '../serving/api-server.ts';
import { openGate } from './open-gate.ts';
import type { User } from './user.ts';

/** How a request is made; headers with a list are sent once for each of its values. */
export interface Asking {
  readonly headers?: OutgoingHttpHeaders;
  readonly client?: CertificateAndKey;
  readonly agent?: Agent;
  readonly method?: string;
}

/** `spec` of a review as it was posted. */
export type Posted = Readonly<Record<string, unknown>> & { readonly user?: string };

/** What kube-apiserver publishes, with some keys changed; undefined leaves one out. */
export function publishedMap(pki: Pki, changed: Readonly<Record<string, string | undefined>> = {}) {
  const { metadata, ...rest } = extensionAuthenticationConfigMap(pki);
  const all = { ...(rest['data'] as Record<string, string>), ...changed };
  const data = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return { metadata, data: data as Record<string, string> };
}

/**
 * A gate before an HTTPS listener, with the stand-in for kube-apiserver behind it. Everybody may do everything, except
 * anonymous and users whose name begins with `denied`.
 */
export async function startGate() {
  const cluster = await startCluster({
    authorize: (asked) => {
      const { username } = asked.user;
      if (username === aggregatorUsername) return aggregatorRule()(asked);
      if (username === 'system:anonymous' || username.startsWith('denied')) return false;
      return asked.verb !== 'impersonate' || username === 'impersonator';
    },
  });
  const { pki } = cluster.apiserver;
  const posted: { readonly path: string; readonly spec: Posted }[] = [];
  const client = {
    post: (path: string, body: object, signal: AbortSignal) => {
      posted.push({ path, spec: (body as { spec: Posted }).spec });
      return cluster.client.post(path, body, signal);
    },
  };
  const { log, lines } = keptLog();
  const stop = new AbortController();
  const clock = { ms: 0, wallMs: Date.now() };
  const opened = openGate(
    {
      ...{ authentication: client, authorization: client, log },
      retries: { sleep: async () => undefined, random: () => 0 },
      monotonicMs: () => clock.ms,
      wallMs: () => clock.wallMs,
    },
    stop.signal,
  );
  const results: (readonly [string, string | undefined])[] = [];
  const serving = await pki.servingCa.issueServing(['127.0.0.1']);
  const server = new ApiServer(
    {
      log,
      gate: { ...opened.gate, onAuthentication: (...result) => results.push(result) },
      api: () => ({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'served' }),
      health: { live: {}, ready: {} },
      nodes: { replica: () => ({}), nodes: () => [], node: () => undefined },
      metrics: { contentType: 'text/plain', text: async () => '' },
      observer: { answered: () => undefined, limited: () => undefined, handshakeFailed: () => undefined },
      monotonicMs: () => performance.now(),
    },
    { cert: Buffer.from(serving.certificate), key: Buffer.from(serving.key) },
  );
  opened.trust.follow((bundle) => server.askForCertificatesOf(bundle));
  const port = await server.listen(0, '127.0.0.1');

  const ask = async (path: string, { headers = {}, client: shown, agent, method = 'GET' }: Asking = {}) => {
    const sent = request({
      ...{ host: '127.0.0.1', port, path, method, headers, agent: agent ?? false },
      ca: pki.servingCa.certificate,
      ...(shown === undefined ? {} : { cert: shown.certificate, key: shown.key }),
    }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const body = Buffer.concat(await response.toArray()).toString();
    return { status: response.statusCode, headers: response.headers, body };
  };
  /** The user whom the last access review was about. */
  const reviewed = (): User | undefined => {
    const spec = posted.findLast(({ path }) => path.includes('subjectaccessreviews'))?.spec;
    if (spec === undefined) return undefined;
    const { user, uid, groups, extra } = spec as unknown as Omit<User, 'name'> & { user: string };
    return { name: user, uid, groups, extra };
  };
  return {
    ...{ cluster, pki, clock, posted, lines, results, ask, reviewed, ...opened },
    publish: (changed: Readonly<Record<string, string | undefined>> = {}) =>
      opened.published?.set(publishedMap(pki, changed)),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}
