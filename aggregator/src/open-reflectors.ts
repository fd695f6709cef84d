import type { Logger } from 'pino';
import type { AggregatorConfig } from './config.ts';
import { type PublishedTrust, trustConfigMap } from './identity/published-trust.ts';
import type { KubeClients } from './kube/kube-clients.ts';
import { type KubeObject, Reflector, type ReflectorOptions, type ReflectorTarget } from './kube/reflector.ts';
import type { EndpointSlice } from './kube/service-endpoints.ts';
import {
  type WatchedNode,
  type WatchedPod,
  watchedKubelet,
  watchedNode,
  watchedPod,
} from './kube/watched-parts.ts';

/** Who is told of what the cluster has. */
export interface ClusterTargets {
  readonly pods: ReflectorTarget<WatchedPod>;
  readonly nodes: ReflectorTarget<WatchedNode>;
  readonly replicas: ReflectorTarget<EndpointSlice>;
  /** Undefined where whom to believe is not published, but given. */
  readonly trust: PublishedTrust | undefined;
}

/** Watches of the cluster. */
export interface Reflectors {
  /** Follows until the signal says stop. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when there was a first list of all that answers need. */
  readonly synced: Promise<void>;
}

const pageSize = 1_000;

/** Watches what the aggregator has to know of the cluster. */
export function openReflectors(
  { client, authentication }: Pick<KubeClients, 'client' | 'authentication'>,
  log: Logger,
  targets: ClusterTargets,
  config: Pick<AggregatorConfig, 'nodeSelector' | 'namespace' | 'ingestService' | 'authentication' | 'pull'>,
): Reflectors {
  const follow = <Kind extends KubeObject>(
    target: ReflectorTarget<Kind>,
    options: Omit<ReflectorOptions<Kind>, 'pageSize'>,
    by = client,
  ) => new Reflector<Kind>({ client: by, target, log }, { ...options, pageSize });
  const objects = [
    follow(targets.pods, {
      path: '/api/v1/pods',
      query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' },
      part: watchedPod,
    }),
    follow(targets.nodes, {
      path: '/api/v1/nodes',
      query: config.nodeSelector === undefined ? {} : { labelSelector: config.nodeSelector },
      part: config.pull === undefined ? watchedNode : watchedKubelet,
    }),
  ];
  const trust =
    targets.trust === undefined
      ? []
      : [
          follow(
            targets.trust,
            {
              path: `/api/v1/namespaces/${trustConfigMap.namespace}/configmaps`,
              query: { fieldSelector: `metadata.name=${trustConfigMap.name}` },
            },
            authentication,
          ),
        ];
  // Not one of those that must be in step: without it agents find the replicas by DNS.
  const replicas = follow(targets.replicas, {
    path: `/apis/discovery.k8s.io/v1/namespaces/${config.namespace}/endpointslices`,
    query: { labelSelector: `kubernetes.io/service-name=${config.ingestService}` },
  });
  const needed = config.authentication?.tolerateLookupFailure ? objects : [...objects, ...trust];
  return {
    run: async (signal) => {
      await Promise.all([...objects, ...trust, replicas].map((reflector) => reflector.run(signal)));
    },
    synced: Promise.all(needed.map((reflector) => reflector.synced)).then(() => undefined),
  };
}
