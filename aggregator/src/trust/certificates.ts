import { setTimeout as sleep } from 'node:timers/promises';
import type { ServingPair } from '../serving/serving-pair.ts';
import { type ApiService, apiServiceNames, decideApiService } from './api-service.ts';
import { type ConfigMap, decideConfigMap } from './ca-config-map.ts';
import type { Verifiers } from './ca-rotation.ts';
import { KeptObject, type KeptObjectDeps, type KeptObjectTimes } from './kept-object.ts';
import { PublishedBundle } from './published-bundle.ts';
import type { RotationTimes } from './rotation-step.ts';
import { type ServiceNames, servingNames } from './service-names.ts';
import { type Agreed, TlsSecretRule } from './tls-secret-rule.ts';

/** Names of the two objects that self-managed certificates need. */
export interface TrustObjects {
  readonly secret: string;
  readonly caConfigMap: string;
}

/** What the listeners show. */
export interface Certificates {
  /** What to listen with for health; others cannot verify it until `loaded` is true. */
  readonly first: ServingPair;
  /** Whether there is a pair that others can verify. */
  readonly loaded: () => boolean;
  /**
   * Has the callback told each such pair from now on, at once where there is one.
   * @param use is told also the CA that has signed it, PEM, where that is ours
   */
  follow(use: (pair: ServingPair, ca?: string) => void): void;
  /** Resolves when nothing is followed any more, after the signal. */
  readonly ended: Promise<void>;
}

export interface SelfManagedDeps extends KeptObjectDeps, Pick<Verifiers, 'distrusting'> {
  readonly wallMs: () => number;
  /** Told of each pair after the first. */
  readonly onReload?: ((ok: true) => void) | undefined;
}

export interface SelfManagedOptions extends ServiceNames, TrustObjects, KeptObjectTimes {
  /** How long the first look at the Secret may take before the start goes on without it. */
  readonly firstLookMs?: number;
  readonly rotation?: Partial<RotationTimes> | undefined;
}

const usualFirstLookMs = 2_000;

/**
 * Certificates without a human: agrees with the other replicas on a CA and a serving pair in the Secret, publishes the CA
 * in the ConfigMap and in the APIServices, and keeps all of them right until the signal says stop. Creates nothing.
 */
export async function selfManagedCertificates(
  deps: SelfManagedDeps,
  options: SelfManagedOptions,
  signal: AbortSignal,
): Promise<Certificates> {
  const { namespace, service, secret, caConfigMap, firstLookMs = usualFirstLookMs } = options;
  const users = new Set<Parameters<Certificates['follow']>[0]>();
  let agreed: Agreed | undefined;
  const published = new PublishedBundle(deps.monotonicMs, [caConfigMap, ...apiServiceNames]);
  const secretRule = new TlsSecretRule(
    {
      ...deps,
      publishedMs: () => published.forMs,
      agreed(now) {
        const renewed = agreed !== undefined && !agreed.pair.cert.equals(now.pair.cert);
        agreed = now;
        if (renewed) deps.onReload?.(true);
        for (const use of users) use(now.pair, now.signer);
        published.publish(now.bundle);
        for (const each of places) each.poke();
      },
    },
    { namespace, name: secret, names: servingNames(options), rotation: options.rotation },
  );
  const keptSecret = new KeptObject(deps, secretRule, options);
  const configMapDecision = (object: ConfigMap | undefined, bundle: string | undefined) =>
    decideConfigMap(object, bundle, { namespace, name: caConfigMap });
  const apiServiceDecision = (object: ApiService | undefined, bundle: string | undefined) =>
    decideApiService(object, bundle, { namespace, service });
  const places = [
    new KeptObject<ConfigMap>(
      deps,
      {
        collection: `/api/v1/namespaces/${namespace}/configmaps`,
        name: caConfigMap,
        observe: (object) =>
          published.see(
            caConfigMap,
            (bundle) => object !== undefined && configMapDecision(object, bundle).write === undefined,
          ),
        decide: (object) => configMapDecision(object, agreed?.bundle),
      },
      options,
    ),
    ...apiServiceNames.map(
      (name) =>
        new KeptObject<ApiService>(
          deps,
          {
            collection: '/apis/apiregistration.k8s.io/v1/apiservices',
            name,
            // Nobody verifies by one that is not there, or is another's.
            observe: (object) =>
              published.see(name, (bundle) => apiServiceDecision(object, bundle).write === undefined),
            decide: (object) => apiServiceDecision(object, agreed?.bundle),
          },
          options,
        ),
    ),
  ];
  const ended = Promise.all([keptSecret, ...places].map((kept) => kept.run(signal)));

  const patience = new AbortController();
  await Promise.race([
    keptSecret.synced,
    sleep(firstLookMs, undefined, { signal: AbortSignal.any([signal, patience.signal]) }).catch(
      () => undefined,
    ),
  ]);
  patience.abort();
  return {
    first: agreed?.pair ?? (await secretRule.provisionalPair()),
    loaded: () => agreed !== undefined,
    follow(use) {
      users.add(use);
      if (agreed !== undefined) use(agreed.pair, agreed.signer);
    },
    ended: ended.then(() => undefined),
  };
}
