import { Agent } from 'node:https';
import { setInterval, setTimeout as sleep } from 'node:timers/promises';
import type { Directive } from '@tacho/proto';
import type { Logger } from 'pino';
import { createMetricsApi } from './api/routes.ts';
import type { AggregatorConfig } from './config.ts';
import { openGate } from './identity/open-gate.ts';
import { trustConfigMap } from './identity/published-trust.ts';
import { AgentIdentifier } from './ingest/agent-identity.ts';
import { IngestServer } from './ingest/ingest-server.ts';
import { Refusals } from './ingest/refusals.ts';
import { type AgentPodObject, AgentPods } from './kube/agent-pods.ts';
import { openKubeClients } from './kube/kube-clients.ts';
import { Reflector, tellEach } from './kube/reflector.ts';
import { ServiceEndpoints } from './kube/service-endpoints.ts';
import { reviewToken } from './kube/token-review.ts';
import { openMetrics } from './open-metrics.ts';
import { openWatchHistory } from './open-watch-history.ts';
import { ApiServer } from './serving/api-server.ts';
import { allHealthPaths } from './serving/health.ts';
import { NodesReported } from './serving/nodes-reported.ts';
import { readiness } from './serving/readiness.ts';
import { ShutdownDelay } from './serving/shutdown-delay.ts';
import { Snapshot } from './snapshot/snapshot.ts';
import { openCertificates } from './trust/open-certificates.ts';
import { followSniPairs } from './trust/sni-certificates.ts';
import { serverVersion } from './version.ts';

const pageSize = 1_000;
const shortestSilenceMs = 15_000;
/** How much longer a watch may tell of a silent node than a list. */
const longestExpiryMs = 1_000;

/**
 * Runs the aggregator until the signal says stop.
 * @throws when it cannot start: a certificate that cannot be read, a port that is taken, a kubeconfig that is none
 */
export async function runAggregator(
  config: AggregatorConfig,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const monotonicMs = () => performance.now();
  const wallMs = () => Date.now();
  await using stack = new AsyncDisposableStack();

  const connections = new Agent({ keepAlive: true });
  stack.defer(() => connections.destroy());
  const { client, authentication, authorization } = await openKubeClients(config, connections);

  // A start that fails half-way, say on a port that is taken, must end the watches too.
  const leaving = new AbortController();
  const trustLog = log.child({ component: 'trust' });
  const certificates = await openCertificates(
    { client, log: trustLog, wallMs, monotonicMs, onReload: (ok) => metrics.certificates.reloaded(ok) },
    config.tls,
    config,
    leaving.signal,
  );
  stack.defer(async () => {
    leaving.abort();
    await certificates.ended;
  });

  const snapshot = new Snapshot({
    silenceMs: Math.max(shortestSilenceMs, 3 * config.periodMs),
    swap: config.swap ?? true,
    monotonicMs,
    wallMs,
  });
  /** Where nodes are selected, the watch knows of no others. */
  const isServed = (node: string) =>
    config.nodeSelector === undefined || snapshot.nodeObjects.get('', node) !== undefined;
  const agentPods = new AgentPods(config.agentUsername);
  const replicas = new ServiceEndpoints(() => ingest.sendDirective());
  const retries = {
    sleep: (ms: number, until: AbortSignal) => sleep(ms, undefined, { signal: until }),
    random: Math.random,
  };
  const identityLog = log.child({ component: 'identity' });
  const { gate, trust, published } = openGate(
    {
      ...{ authentication, authorization, retries, log: identityLog, monotonicMs, wallMs },
      onLookup: (result) => metrics.accessReviewed(result),
    },
    leaving.signal,
    config.authentication,
    config.authorization,
  );
  const kubeLog = log.child({ component: 'kube' });
  const reflectors = [
    new Reflector<AgentPodObject>(
      { client, target: tellEach(snapshot.podObjects, agentPods), log: kubeLog },
      {
        path: '/api/v1/pods',
        query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' },
        pageSize,
      },
    ),
    new Reflector(
      { client, target: snapshot.nodeObjects, log: kubeLog },
      {
        path: '/api/v1/nodes',
        query: config.nodeSelector === undefined ? {} : { labelSelector: config.nodeSelector },
        pageSize,
      },
    ),
  ];
  const trustReflectors = [published]
    .filter((target) => target !== undefined)
    .map(
      (target) =>
        new Reflector(
          { client: authentication, target, log: kubeLog },
          {
            path: `/api/v1/namespaces/${trustConfigMap.namespace}/configmaps`,
            query: { fieldSelector: `metadata.name=${trustConfigMap.name}` },
            pageSize,
          },
        ),
    );
  // Not one of those that must be in step: without it agents find the replicas by DNS.
  const replicaReflector = new Reflector(
    { client, target: replicas, log: kubeLog },
    {
      path: `/apis/discovery.k8s.io/v1/namespaces/${config.namespace}/endpointslices`,
      query: { labelSelector: `kubernetes.io/service-name=${config.ingestService}` },
      pageSize,
    },
  );
  let synced = false;

  const nodesReported = new NodesReported({
    agentNodes: () => [...agentPods.nodes()].filter(isServed),
    hasReport: (node) => snapshot.hasReport(node),
    monotonicMs,
  });
  const health = readiness({
    hasCertificate: () => certificates.loaded(),
    isInStep: () => synced,
    hasReports: () => isWhole(),
    isStopping: () => shutdown.begun,
  });
  const ingestLog = log.child({ component: 'ingest' });
  const refusals = new Refusals(ingestLog, monotonicMs);
  const { metrics, observer, served, accepted } = openMetrics({
    ...{ snapshot, refusals, wallMs, api: () => api, ingest: () => ingest },
  });
  const { watches, isWhole } = openWatchHistory({
    ...{ snapshot, served, monotonicMs, random: Math.random },
    refused: () => observer.limited('watches'),
    isWhole: () => nodesReported.isReached(),
  });
  const api = new ApiServer(
    {
      log: log.child({ component: 'api' }),
      gate: { ...gate, onAuthentication: (result) => metrics.authenticated(result) },
      api: createMetricsApi({
        reader: snapshot,
        wallMs,
        revisions: config.advertiseWatch ?? false,
        served,
        watches,
        version: serverVersion(config.version),
        serverAddress: `:${config.securePort}`,
        otherPaths: [...allHealthPaths(health), '/metrics'],
      }),
      ...(config.tlsProtocol !== undefined && { tlsProtocol: config.tlsProtocol }),
      health,
      metrics,
      observer,
      monotonicMs,
    },
    certificates.first,
  );
  trust.follow((bundle) => api.askForCertificatesOf(bundle));
  followSniPairs({ log: trustLog }, config.sni ?? [], (pairs) => api.serveSni(pairs), {}, leaving.signal);

  const shutdown = new ShutdownDelay(signal, config.shutdownDelayMs, () => api.endConnections());
  const directive = (): Directive => ({
    periodUsec: config.periodMs * 1000,
    windowUsec: config.windowMs * 1000,
    peers: [...replicas.addresses()],
  });
  const ingest = new IngestServer({
    log: ingestLog,
    refusals,
    identifier: new AgentIdentifier(
      {
        reviewToken: (token, audiences) => reviewToken(authentication, token, audiences, shutdown.over),
        monotonicMs,
      },
      { audience: config.agentAudience, username: config.agentUsername },
    ),
    directive,
    isOutdatedBy: (podUid, otherUid) => agentPods.isOutdatedBy(podUid, otherUid),
    accept: (node, report, sampledAtMs) => {
      accepted();
      if (isServed(node)) snapshot.put(node, report, sampledAtMs);
    },
    monotonicMs,
    wallMs,
  });

  const until = AbortSignal.any([shutdown.over, leaving.signal]);
  const followed = [...reflectors, ...trustReflectors, replicaReflector];
  const follow = Promise.all(followed.map((reflector) => reflector.run(until)));
  stack.defer(async () => {
    leaving.abort();
    await follow;
  });
  const needed = config.authentication?.tolerateLookupFailure
    ? reflectors
    : [...reflectors, ...trustReflectors];
  void Promise.all(needed.map((reflector) => reflector.synced)).then(() => {
    synced = true;
    nodesReported.watchesInStep();
    log.info('watches are in step with the API server');
  });

  certificates.follow((pair, bundle) => {
    metrics.certificates.serves(pair.cert);
    if (bundle !== undefined) metrics.certificates.trustsCa(bundle);
    api.serveWith(pair);
    ingest.serveWith(pair);
  });
  const ingestPort = await ingest.listen(hostPort(config.bindAddress, config.ingestPort));
  stack.defer(() => ingest.close());
  const securePort = await api.listen(config.securePort, config.bindAddress);
  stack.defer(() => api.close());
  log.info(
    { securePort, ingestPort, periodMs: config.periodMs, windowMs: config.windowMs },
    'aggregator listens',
  );

  try {
    const everyMs = Math.min(config.periodMs, longestExpiryMs);
    for await (const _ of setInterval(everyMs, undefined, { signal: shutdown.over })) {
      isWhole();
      snapshot.expire();
    }
  } catch (error) {
    if (!shutdown.over.aborted) throw error;
  }
}

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
