import { Agent } from 'node:https';
import { setInterval } from 'node:timers/promises';
import type { Directive } from '@tacho/proto';
import type { Logger } from 'pino';
import { createMetricsApi } from './api/routes.ts';
import { AccessReview } from './identity/access-review.ts';
import { PublishedTrust, trustConfigMap } from './identity/published-trust.ts';
import { AgentIdentifier } from './ingest/agent-identity.ts';
import { IngestServer } from './ingest/ingest-server.ts';
import { Refusals } from './ingest/refusals.ts';
import { type AgentPodObject, AgentPods } from './kube/agent-pods.ts';
import {
  type ApiServerAccess,
  kubeconfigAccess,
  podAccess,
  type ServiceAddress,
} from './kube/api-server-access.ts';
import { KubeClient } from './kube/kube-client.ts';
import { NodeIndex } from './kube/node-index.ts';
import { PodIndex } from './kube/pod-index.ts';
import { Reflector, tellEach } from './kube/reflector.ts';
import { ServiceEndpoints } from './kube/service-endpoints.ts';
import { reviewToken } from './kube/token-review.ts';
import { ApiServer } from './serving/api-server.ts';
import { healthPaths } from './serving/health.ts';
import { NodesReported } from './serving/nodes-reported.ts';
import { ShutdownDelay } from './serving/shutdown-delay.ts';
import { Snapshot } from './snapshot/snapshot.ts';
import { fileCertificates, selfManagedCertificates, type TlsConfig } from './trust/certificates.ts';
import { serverVersion } from './version.ts';

/** Everything that the aggregator is told by its flags. */
export interface AggregatorConfig {
  readonly version: string;
  readonly periodMs: number;
  readonly windowMs: number;
  readonly bindAddress: string;
  readonly securePort: number;
  readonly ingestPort: number;
  readonly tls: TlsConfig;
  readonly kubeconfigFile: string | undefined;
  readonly kubernetesService: ServiceAddress;
  readonly namespace: string;
  /** Name of the Service of the metrics API. */
  readonly service: string;
  /** Name of the headless Service of the port that agents push to. */
  readonly ingestService: string;
  readonly shutdownDelayMs: number;
  readonly agentAudience: string;
  readonly agentUsername: string;
}

const pageSize = 1_000;
const shortestSilenceMs = 15_000;

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
  const client = new KubeClient(await accessOf(config), connections);

  // A start that fails half-way, say on a port that is taken, must end the watches too.
  const leaving = new AbortController();
  const certificates =
    config.tls.kind === 'files'
      ? fileCertificates(config.tls)
      : await selfManagedCertificates(
          { client, log: log.child({ component: 'trust' }), wallMs, monotonicMs },
          { ...config, ...config.tls },
          leaving.signal,
        );
  stack.defer(async () => {
    leaving.abort();
    await certificates.ended;
  });

  const pods = new PodIndex();
  const nodes = new NodeIndex();
  const agentPods = new AgentPods(config.agentUsername);
  const replicas = new ServiceEndpoints(() => ingest.sendDirective());
  const trust = new PublishedTrust(log.child({ component: 'identity' }), (bundle) =>
    api.askForCertificatesOf(bundle),
  );
  const kubeLog = log.child({ component: 'kube' });
  const reflectors = [
    new Reflector<AgentPodObject>(
      { client, target: tellEach(pods, agentPods), log: kubeLog },
      {
        path: '/api/v1/pods',
        query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' },
        pageSize,
      },
    ),
    new Reflector({ client, target: nodes, log: kubeLog }, { path: '/api/v1/nodes', query: {}, pageSize }),
    new Reflector(
      { client, target: trust, log: kubeLog },
      {
        path: `/api/v1/namespaces/${trustConfigMap.namespace}/configmaps`,
        query: { fieldSelector: `metadata.name=${trustConfigMap.name}` },
        pageSize,
      },
    ),
  ];
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

  const snapshot = new Snapshot(
    { pods, nodes, monotonicMs },
    Math.max(shortestSilenceMs, 3 * config.periodMs),
  );
  const nodesReported = new NodesReported({
    agentNodes: () => agentPods.nodes(),
    hasReport: (node) => snapshot.hasReport(node),
    monotonicMs,
  });
  const api = new ApiServer(
    {
      log: log.child({ component: 'api' }),
      gate: { trust: () => trust.current, access: new AccessReview(client, monotonicMs), wallMs },
      api: createMetricsApi({
        reader: snapshot,
        version: serverVersion(config.version),
        serverAddress: `:${config.securePort}`,
        otherPaths: healthPaths,
      }),
      health: {
        live: { ping: () => true },
        ready: {
          'certificates-loaded': () => certificates.loaded(),
          'watches-synced': () => synced,
          'nodes-reported': () => nodesReported.isReached(),
          shutdown: () => !shutdown.begun,
        },
      },
    },
    certificates.first,
  );

  const shutdown = new ShutdownDelay(signal, config.shutdownDelayMs, () => api.endConnections());
  const directive = (): Directive => ({
    periodUsec: config.periodMs * 1000,
    windowUsec: config.windowMs * 1000,
    peers: [...replicas.addresses()],
  });
  const ingestLog = log.child({ component: 'ingest' });
  const ingest = new IngestServer({
    log: ingestLog,
    refusals: new Refusals(ingestLog, monotonicMs),
    identifier: new AgentIdentifier(
      {
        reviewToken: (token, audiences) => reviewToken(client, token, audiences, shutdown.over),
        monotonicMs,
      },
      { audience: config.agentAudience, username: config.agentUsername },
    ),
    directive,
    isOutdatedBy: (podUid, otherUid) => agentPods.isOutdatedBy(podUid, otherUid),
    accept: (node, report, sampledAtMs) => snapshot.put(node, report, sampledAtMs),
    monotonicMs,
    wallMs,
  });

  const until = AbortSignal.any([shutdown.over, leaving.signal]);
  const follow = Promise.all([...reflectors, replicaReflector].map((reflector) => reflector.run(until)));
  stack.defer(async () => {
    leaving.abort();
    await follow;
  });
  void Promise.all(reflectors.map((reflector) => reflector.synced)).then(() => {
    synced = true;
    nodesReported.watchesInStep();
    log.info('watches are in step with the API server');
  });

  certificates.follow((pair) => {
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
    for await (const _ of setInterval(config.periodMs, undefined, { signal: shutdown.over }))
      snapshot.expire();
  } catch (error) {
    if (!shutdown.over.aborted) throw error;
  }
}

/** @throws with what was tried and how to mend it */
async function accessOf({ kubeconfigFile, kubernetesService }: AggregatorConfig): Promise<ApiServerAccess> {
  if (kubeconfigFile === undefined) return podAccess(kubernetesService);
  try {
    return await kubeconfigAccess(kubeconfigFile);
  } catch (error) {
    throw new Error(
      `Cannot use --kubeconfig=${kubeconfigFile}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
