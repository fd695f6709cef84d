/** The aggregator's HTTPS side as a whole, before a fuzz test: gate, API, watches and snapshot are the real ones. */
import { createPki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { version } from '../api/fixture-reader.ts';
import { createMetricsApi } from '../api/routes.ts';
import { Watches } from '../api/watch/watches.ts';
import { keptLog } from '../fixture-log.ts';
import { publishedMap } from '../identity/fixture-gate.ts';
import { openGate } from '../identity/open-gate.ts';
import { ChangeHistory } from '../snapshot/change-history.ts';
import { podObject, report, usage } from '../snapshot/fixture-snapshot.ts';
import { Snapshot } from '../snapshot/snapshot.ts';
import { ApiServer } from './api-server.ts';

/** Whom no review can be had of. */
export const undecided = 'undecided';

interface Review {
  readonly spec: { readonly user?: string; readonly token?: string };
}

/** Everybody may do everything, but anonymous and whose name begins with `denied`; the token `good` is jane's. */
async function review(_path: string, body: object): Promise<object> {
  const { user, token } = (body as Review).spec;
  if (token !== undefined) {
    return { status: { authenticated: token === 'good', user: { username: 'jane', groups: ['g'] } } };
  }
  if (user === undecided) throw new Error('<html>the webhook is away</html>');
  const allowed = user !== 'system:anonymous' && user?.startsWith('denied') !== true;
  return { status: allowed ? { allowed } : { allowed, reason: 'no <rule>' } };
}

/**
 * Nodes node-a (with swap) and node-b, both reported; pods of both, and of each kind one without metrics.
 * @param options.pods how many there are beside web-1
 * @param options.watchMs how long a watch lasts that asks for so much; the time itself by default
 */
export async function startFuzzedServer({
  pods: count = 3,
  watchMs = (ms: number) => ms,
}: {
  readonly pods?: number;
  readonly watchMs?: (ms: number) => number;
} = {}) {
  const pki = await createPki();
  const stop = new AbortController();
  const { log, lines } = keptLog();
  const clock = { ms: 1_000_000 };
  const snapshot = new Snapshot({
    ...{ silenceMs: 15_000, swap: true, monotonicMs: () => clock.ms, wallMs: () => clock.ms },
  });
  const names = ['web-1', ...Array.from({ length: count }, (_, index) => `pod-${index}`)];
  snapshot.nodeObjects.replace(
    ['node-a', 'node-b', 'node-new'].map((name) => ({ metadata: { name, labels: { zone: 'a', n: '7' } } })),
  );
  snapshot.podObjects.replace([
    ...names.map((name) => podObject(name, 'node-a', { labels: { app: 'web', 'k8s.io/name': name } })),
    ...['far', 'web-new'].map((name) => podObject(name, 'node-b')),
  ]);
  const history = new ChangeHistory(snapshot);
  history.begin();
  const watches = new Watches({
    ...{ source: history, reader: snapshot, monotonicMs: () => clock.ms, random: () => 0.5 },
    after(ms, callback) {
      const timer = setTimeout(callback, watchMs(ms));
      return () => clearTimeout(timer);
    },
    ...{ served: () => {}, refused: () => {} },
  });
  const api = createMetricsApi({
    ...{ reader: snapshot, watches, revisions: true, wallMs: () => clock.ms, served: () => {} },
    ...{ version, serverAddress: ':10443', otherPaths: ['/healthz', '/livez', '/readyz', '/metrics'] },
  });
  const post = { post: review };
  const { gate, trust, published } = openGate(
    {
      ...{ authentication: post, authorization: post, log },
      retries: { sleep: async () => undefined, random: () => 0 },
      ...{ monotonicMs: () => clock.ms, wallMs: () => Date.now() },
    },
    stop.signal,
  );
  const serving = await pki.servingCa.issueServing(['127.0.0.1']);
  const server = new ApiServer(
    {
      ...{ log, gate, api },
      health: { live: { ping: () => undefined }, ready: { 'watches-synced': () => undefined } },
      nodes: { replica: () => ({}), nodes: () => [], node: () => undefined },
      metrics: { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: async () => 'up 1\n' },
      observer: { answered: () => {}, limited: () => {}, handshakeFailed: () => {} },
      monotonicMs: () => performance.now(),
    },
    { cert: Buffer.from(serving.certificate), key: Buffer.from(serving.key) },
  );
  trust.follow((bundle) => server.askForCertificatesOf(bundle));
  published?.set(publishedMap(pki));
  const reported = () => {
    clock.ms += 1;
    snapshot.put('node-a', report(names, { ...usage, swapBytes: 4096 }), clock.ms);
    snapshot.put('node-b', report(['far']), clock.ms);
  };
  reported();
  return {
    ...{ lines, watches, reported },
    port: await server.listen(0, '127.0.0.1'),
    ca: pki.servingCa.certificate,
    proxy: await pki.frontProxyCa.issueClient({ commonName: 'front-proxy-client' }),
    jane: await pki.clusterCa.issueClient({ commonName: 'jane', organizations: ['g'] }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.close();
    },
  };
}
