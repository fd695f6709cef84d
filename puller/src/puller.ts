import { ingestService } from '@tacho/proto';
import type { Logger } from 'pino';
import { serveHealth } from '../../listener/src/health-server.ts';
import type { ListenAddress } from '../../listener/src/serve-until.ts';
import { isPace } from '../../push/src/agreed-pace.ts';
import { encodedOnce } from '../../push/src/encoded-once.ts';
import { lookupAddresses } from '../../push/src/lookup-addresses.ts';
import { Replicas } from '../../push/src/replicas.ts';
import { TrustedCas } from '../../push/src/trusted-cas.ts';
import type { PullerFacts } from './health/puller-metrics.ts';
import { TryCounts } from './health/try-counts.ts';
import { KubeletConnection } from './kubelet/kubelet-connection.ts';
import { type CredentialFiles, KubeletCredentials } from './kubelet/kubelet-credentials.ts';
import { type KubeletPlace, kubeletOrigin } from './kubelet/kubelet-url.ts';
import { NodePulls } from './pulling/node-pulls.ts';
import { Places } from './pulling/places.ts';
import { PulledNodes } from './pulling/pulled-nodes.ts';
import { WantedNodes } from './pulling/wanted-nodes.ts';

/** Everything that the puller is told by its flags. */
export interface PullerConfig {
  readonly version: string;
  /** Of its pod: pullers share nodes by it. */
  readonly pullerName: string;
  readonly aggregators: readonly string[];
  readonly aggregatorServerName: string | undefined;
  readonly aggregatorCaFile: string;
  /** For the aggregator. */
  readonly tokenFile: string;
  readonly periodMs: number;
  readonly requestTimeoutMs: number;
  readonly kubelets: KubeletPlace;
  readonly credentials: CredentialFiles;
  readonly health: ListenAddress | undefined;
}

/** What holds until an aggregator has spoken; a dead one is found by it. */
const firstPeriodUsec = 5_000_000;
const mostAtOnce = 64;
/** Kubelets answer in a tenth of it. */
const patienceMs = 250;
/** How soon wishes of a replica that has gone are forgotten. */
const tidyEveryMs = 5_000;

/** Runs the puller until the signal says stop. */
export async function runPuller(config: PullerConfig, log: Logger, signal: AbortSignal): Promise<void> {
  const monotonicMs = () => performance.now();
  const monotonicUsec = () => Math.round(monotonicMs() * 1_000);
  const trustedCas = new TrustedCas(config.aggregatorCaFile, monotonicUsec);
  const credentials = new KubeletCredentials(config.credentials);
  const counts = new TryCounts();
  const wanted = new WantedNodes();
  const pulled = new PulledNodes(monotonicUsec);
  let periodUsec = firstPeriodUsec;
  const pulls = new NodePulls({
    ...{ log: log.child({ component: 'kubelets' }), monotonicMs, random: Math.random, record: counts },
    ...{ periodMs: config.periodMs, places: new Places(mostAtOnce, patienceMs) },
    openKubelet: () => {
      const { requestTimeoutMs } = config;
      const connection = new KubeletConnection({ credentials, requestTimeoutMs, monotonicMs });
      return {
        pull: (node, until) => connection.pull(() => kubeletOrigin(node, config.kubelets), until),
        close: () => connection.close(),
      };
    },
    onPulled(node) {
      pulled.put(node);
      replicas.flush();
    },
  });
  const follow = () => {
    const streams = replicas.state();
    for (const gone of pulls.want(wanted.all(streams, monotonicUsec()))) pulled.forget(gone);
    pulled.keepReplicas(new Set(streams.map(({ address }) => address)));
  };
  const replicas = new Replicas(
    {
      log: log.child({ component: 'push' }),
      method: encodedOnce(ingestService().Push),
      hello: (trustedCaSha256) => ({
        pullerHello: { pullerName: config.pullerName, pullerVersion: config.version, trustedCaSha256 },
      }),
      outbox: (address) => pulled.outbox(address),
      onDirective(directive, replica) {
        if (isPace(directive)) return;
        log.warn({ replica, periodUsec: directive.periodUsec }, 'cannot follow this directive');
      },
      onNodesToPull(nodes, address) {
        log.info({ replica: address, nodes: nodes.nodes.length }, 'told which nodes to pull');
        wanted.ask(address, nodes, monotonicUsec());
        pulled.ask(address, nodes);
        follow();
        replicas.flush();
      },
      onPace: (pace) => {
        periodUsec = pace.periodUsec;
      },
      periodUsec: () => periodUsec,
      lookup: lookupAddresses,
      monotonicUsec,
      random: Math.random,
      caFile: config.aggregatorCaFile,
      trustedCaSha256: () => trustedCas.sha256,
      tokenFile: config.tokenFile,
    },
    { aggregators: config.aggregators, serverName: config.aggregatorServerName },
  );
  const facts = (): PullerFacts => {
    const streams = replicas.state();
    const { nodes, well, podsLeftOut } = pulls.counts();
    const { bytes, slowTries, tries, trySeconds } = counts;
    return {
      ...{
        version: config.version,
        nodes,
        nodesRead: well,
        podsLeftOut,
        bytes,
        slowTries,
        tries,
        trySeconds,
      },
      replicas: streams.length,
      replicasConnected: streams.filter(({ connected }) => connected).length,
      streamsEnded: replicas.ended,
    };
  };
  const replica = () =>
    replicas.state().some(({ connected }) => connected)
      ? undefined
      : 'no stream to an aggregator is open; the puller’s log says why';
  log.info({ puller: config.pullerName, aggregators: config.aggregators }, 'puller starts');
  if (config.credentials.insecure) {
    log.warn(
      '--kubelet-insecure-tls: kubelets are not verified. Whoever answers at a node’s address is believed, and is shown this pod’s token, with which the metrics of every node can be read',
    );
  }
  const tidying = setInterval(follow, tidyEveryMs);
  const health = {
    log: log.child({ component: 'health' }),
    health: { live: { ping: () => undefined }, ready: { replica } },
    loadMetrics: async () =>
      (await import('./health/puller-metrics.ts')).createPullerMetrics(facts, monotonicUsec),
  };
  try {
    const serving = config.health === undefined ? undefined : serveHealth(health, config.health, signal);
    await Promise.all([replicas.run(signal), serving]);
  } finally {
    clearInterval(tidying);
    pulls.want(new Map());
  }
}
