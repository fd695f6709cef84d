import type { KubeObject } from '../../../test/stand-ins/kube-apiserver/object-store.ts';
import { keptLog } from '../fixture-log.ts';
import { type FixtureCluster, startCluster } from '../kube/fixture-cluster.ts';
import { type Certificates, selfManagedCertificates } from './certificates.ts';
import { servingNames } from './service-names.ts';
import { readTlsSecret } from './tls-secret.ts';

export const namespace = 'tacho';
export const services = { namespace, service: 'tacho-aggregator', ingestService: 'tacho-ingest' };
export const names = servingNames(services);
const objects = { secret: 'tacho-aggregator-tls', caConfigMap: 'tacho-aggregator-ca' };
const nameOf = { secrets: objects.secret, configmaps: objects.caConfigMap };
export const apiServices = ['v1.metrics.k8s.io', 'v1beta1.metrics.k8s.io'];

/** One aggregator, as far as trust goes. */
export interface FixtureReplica {
  readonly certificates: Certificates;
  /** Certificates that its listeners were told to show, PEM. */
  readonly shown: string[];
  readonly lines: Record<string, unknown>[];
  /** Everything that it logged, as text. */
  log(): string;
}

/** A cluster as the chart leaves it, and replicas that start in it. */
export interface FixtureTrust extends AsyncDisposable {
  readonly cluster: FixtureCluster;
  /** What replicas take for the time. */
  readonly clock: { nowMs: number; monotonicMs: number };
  /** What replicas are told of agents. */
  readonly agents: { distrusting: readonly string[] | undefined };
  /** The chart's empty Secret, its empty ConfigMap and its two APIServices. */
  install(...what: readonly ('secret' | 'configmap' | 'apiservices')[]): void;
  /**
   * By default it looks again only when something has changed.
   * @param options.aheadMs how far its clock is ahead of `clock`
   */
  start(options?: {
    readonly recheckMs?: number;
    readonly aheadMs?: number;
    readonly firstLookMs?: number;
  }): Promise<FixtureReplica>;
  /** Text by key; `data` decoded. */
  secret(): Record<string, string>;
  content(): ReturnType<typeof readTlsSecret>;
  /** Changes keys of the Secret, text by key. */
  editSecret(texts: Readonly<Record<string, string>>): void;
  /** resourceVersion of the Secret or the ConfigMap. */
  version(resource: 'secrets' | 'configmaps'): string | undefined;
  delete(resource: 'secrets' | 'configmaps'): void;
  publishedCa(): string | undefined;
  /** Decoded caBundle by APIService. */
  caBundles(): (string | undefined)[];
  apiService(name: string, spec?: object): KubeObject;
}

export async function startTrust(options: Parameters<typeof startCluster>[0] = {}): Promise<FixtureTrust> {
  const cluster = await startCluster(options);
  const { store } = cluster.apiserver;
  const clock = { nowMs: Date.now(), monotonicMs: 0 };
  const agents: FixtureTrust['agents'] = { distrusting: [] };
  const stop = new AbortController();
  const replicas: FixtureReplica[] = [];
  const data = () =>
    (store.get('secrets', objects.secret, namespace)?.['data'] ?? {}) as Record<string, string>;
  const apiService = (name: string, spec: object = {}): KubeObject => ({
    metadata: { name },
    spec: { service: { name: services.service, namespace, port: 443 }, ...spec },
    status: { conditions: [] },
  });
  return {
    cluster,
    clock,
    agents,
    apiService,
    install(...what) {
      const wanted = what.length === 0 ? ['secret', 'configmap', 'apiservices'] : what;
      if (wanted.includes('secret')) {
        store.create('secrets', { type: 'Opaque', metadata: { namespace, name: objects.secret } });
      }
      if (wanted.includes('configmap')) {
        store.create('configmaps', { metadata: { namespace, name: objects.caConfigMap } });
      }
      if (wanted.includes('apiservices')) {
        for (const name of apiServices) store.create('apiservices', apiService(name));
      }
    },
    async start({ aheadMs = 0, ...times } = {}) {
      const { log, lines } = keptLog();
      const shown: string[] = [];
      const certificates = await selfManagedCertificates(
        {
          client: cluster.client,
          log,
          wallMs: () => clock.nowMs + aheadMs,
          monotonicMs: () => performance.now() + clock.monotonicMs,
          distrusting: () => agents.distrusting,
        },
        { ...services, ...objects, firstLookMs: 5_000, ...times, rotation: { lookMs: 20 }, leastMs: 20 },
        stop.signal,
      );
      certificates.follow(({ cert }) => shown.push(cert.toString()));
      const replica = { certificates, shown, lines, log: () => JSON.stringify(lines) };
      replicas.push(replica);
      return replica;
    },
    secret: () =>
      Object.fromEntries(
        Object.entries(data()).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
      ),
    content: () => readTlsSecret(data(), names, clock.nowMs),
    editSecret(texts) {
      const encoded = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
      const secret = store.get('secrets', objects.secret, namespace);
      if (secret === undefined) throw new Error('Cannot edit the Secret: there is none');
      store.update('secrets', { ...secret, data: { ...data(), ...Object.fromEntries(encoded) } });
    },
    version: (resource) => store.get(resource, nameOf[resource], namespace)?.metadata.resourceVersion,
    delete: (resource) => store.delete(resource, nameOf[resource], namespace),
    publishedCa: () =>
      (
        store.get('configmaps', objects.caConfigMap, namespace)?.['data'] as
          | Record<string, string>
          | undefined
      )?.['ca.crt'],
    caBundles: () =>
      apiServices.map((name) => {
        const spec = store.get('apiservices', name)?.['spec'] as { caBundle?: string } | undefined;
        return spec?.caBundle === undefined ? undefined : Buffer.from(spec.caBundle, 'base64').toString();
      }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(replicas.map(({ certificates }) => certificates.ended));
      await cluster[Symbol.asyncDispose]();
    },
  };
}
