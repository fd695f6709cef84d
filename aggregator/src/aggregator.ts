import { Agent } from 'node:https';
import { setInterval, setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createMetricsApi } from './api/routes.ts';
import type { AggregatorConfig } from './config.ts';
import { openGate } from './identity/open-gate.ts';
import { AskedPeriod, eventLoopBusy } from './ingest/asked-period.ts';
import { Refusals } from './ingest/refusals.ts';
import { AgentPods } from './kube/agent-pods.ts';
import { openKubeClients } from './kube/kube-clients.ts';
import { NodeUids } from './kube/node-uids.ts';
import { tellEach } from './kube/reflector.ts';
import { ServiceEndpoints } from './kube/service-endpoints.ts';
import { OpenNodeListing } from './node-listing.ts';
import { openIngest } from './open-ingest.ts';
import { openMetrics } from './open-metrics.ts';
import { openPulling } from './open-pulling.ts';
import { openReflectors } from './open-reflectors.ts';
import { openWatchHistory } from './open-watch-history.ts';
import { ApiServer } from './serving/api-server.ts';
import { debugNodesPath } from './serving/debug-nodes.ts';
import { allHealthPaths } from './serving/health.ts';
import { NodesReported } from './serving/nodes-reported.ts';
import { readiness } from './serving/readiness.ts';
import { ShutdownDelay } from './serving/shutdown-delay.ts';
import { silentPeriods } from './snapshot/held-entry.ts';
import { NodeCapacities } from './snapshot/node-capacities.ts';
import { Snapshot } from './snapshot/snapshot.ts';
import { takeReports } from './take-reports.ts';
import { openCertificates } from './trust/open-certificates.ts';
import { followSniPairs } from './trust/sni-certificates.ts';
import { serverVersion } from './version.ts';

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
  const agentPods = new AgentPods(config.agentUsername);
  const pullerPods = new AgentPods(config.pullerUsername);
  let synced = false;
  const certificates = await openCertificates(
    {
      ...{ client, log: trustLog, wallMs, monotonicMs },
      onReload: (ok) => metrics.certificates.reloaded(ok),
      distrusting: (ca) => (synced ? ingest.distrusting(agentPods.nodes(), ca) : undefined),
    },
    config.tls,
    config,
    leaving.signal,
  );
  stack.defer(async () => {
    leaving.abort();
    await certificates.ended;
  });

  const silenceMs = Math.max(shortestSilenceMs, silentPeriods * config.periodMs);
  const snapshot = new Snapshot({
    silenceMs,
    leastHeldMs: (node) => pulling?.leastHeldMs(node) ?? 0,
    swap: config.swap ?? true,
    monotonicMs,
    wallMs,
  });
  const isKnownNode = (node: string) => snapshot.nodeObjects.get('', node) !== undefined;
  /** Where nodes are selected, the watch knows of no others. */
  const isServed = (node: string) => config.nodeSelector === undefined || isKnownNode(node);
  const nodeUids = new NodeUids();
  const capacities = new NodeCapacities();
  const ingestLog = log.child({ component: 'ingest' });
  const refusals = new Refusals(ingestLog, monotonicMs);
  const agentNodes = () => [...agentPods.nodes()].filter(isServed);
  const pulling = openPulling(config.pull, {
    ...{ snapshot, capacities, agentPods, agentNodes, refusals, isServed, silenceMs, monotonicMs, wallMs },
    log: ingestLog,
    isInStep: () => synced,
    accepted: () => accepted(),
    directive: () => directive(),
    periodMs: () => asked.periodMs,
  });
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
  const reflectors = openReflectors(
    { client, authentication },
    log.child({ component: 'kube' }),
    {
      pods: tellEach(snapshot.podObjects, agentPods, pullerPods),
      nodes: tellEach(snapshot.nodeObjects, nodeUids, capacities, ...(pulling ? [pulling.kubelets] : [])),
      replicas,
      trust: published,
    },
    config,
  );
  const hasReport = (node: string) => snapshot.hasReport(node);
  const nodesReported = new NodesReported({
    nodes: () => [...agentNodes(), ...(pulling?.expected() ?? [])],
    ...{ hasReport, monotonicMs },
  });
  const health = readiness({
    hasCertificate: () => certificates.loaded(),
    isInStep: () => synced,
    hasReports: () => isWhole(),
    isStopping: () => shutdown.begun,
  });
  const asked = new AskedPeriod(
    { log: ingestLog, monotonicMs, busy: eventLoopBusy(), changed: () => ingest.sendDirective() },
    config,
  );
  const { metrics, observer, served, accepted } = openMetrics({
    ...{ snapshot, refusals, asked, pulling, wallMs, api: () => api, ingest: () => ingest },
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
        otherPaths: [...allHealthPaths(health), '/metrics', debugNodesPath],
      }),
      ...(config.tlsProtocol !== undefined && { tlsProtocol: config.tlsProtocol }),
      ...{ health, metrics, observer, monotonicMs },
      nodes: new OpenNodeListing({
        ...{ config, snapshot, capacities, refusals, pulling, monotonicMs, wallMs },
        ...{ ingest: () => ingest, isInStep: () => synced, directive: () => directive() },
      }),
    },
    certificates.first,
  );
  trust.follow((bundle) => api.askForCertificatesOf(bundle));
  followSniPairs({ log: trustLog }, config.sni ?? [], (pairs) => api.serveSni(pairs), {}, leaving.signal);

  const shutdown = new ShutdownDelay(signal, config.shutdownDelayMs, () => api.endConnections());
  const directive = () => asked.directive(replicas.addresses());
  const ingest = openIngest(
    {
      ...{ config, agentPods, pullerPods, refusals, directive, monotonicMs, wallMs, random: Math.random },
      log: ingestLog,
      pullers: pulling?.pullers,
      client: authentication,
      nodeUid: (name) => nodeUids.find(name),
      accept: takeReports({ snapshot, capacities, refusals, isServed, accepted }),
    },
    shutdown.over,
  );

  const until = AbortSignal.any([shutdown.over, leaving.signal]);
  const follow = reflectors.run(until);
  stack.defer(async () => {
    leaving.abort();
    await follow;
  });
  void reflectors.synced.then(() => {
    synced = true;
    nodesReported.watchesInStep();
    log.info('watches are in step with the API server');
  });

  certificates.follow((pair, ca) => {
    metrics.certificates.serves(pair.cert);
    if (ca !== undefined) metrics.certificates.trustsCa(ca);
    api.serveWith(pair);
    ingest.serveWith(pair);
  });
  const ingestPort = await ingest.listen(config.ingestPort, config.bindAddress);
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
      pulling?.look();
      snapshot.expire();
      asked.look();
      ingest.endStale();
      ingest.forgetNodes(isKnownNode);
      pulling?.tries.forgetNodes(isKnownNode);
    }
  } catch (error) {
    if (!shutdown.over.aborted) throw error;
  }
}
