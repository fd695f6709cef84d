import { type Availability, keepProbing, probe } from './availability.ts';
import { type Backend, type BackendAddress, type BackendTrust, createBackend } from './backend.ts';
import { base64 } from './kubeconfig.ts';
import type { KubeObject, ObjectStore } from './object-store.ts';
import type { CertificateAndKey } from './pki.ts';

/** What an operator says with one APIService per version. */
export interface ApiServiceRegistration extends BackendAddress {
  group: string;
  /** In the order in which discovery lists them. */
  versions: readonly string[];
  /** PEM certificates to begin with; later the object in the store counts. */
  caBundle: string;
}

/** The condition `Available` of one registered APIService. */
export interface ApiServiceState extends Availability {
  /** `<version>.<group>` */
  name: string;
  lastTransitionTime: string;
}

export interface AggregatedVersion {
  group: string;
  version: string;
  backend: Backend;
  state: ApiServiceState;
}

/** The aggregation layer: which backend serves which group version, and whether it answers. */
export interface Aggregation {
  /** Replaces what the group had before. Resolves when every version has been probed once, whatever came out. */
  register(registration: ApiServiceRegistration): Promise<void>;
  versions(): AggregatedVersion[];
  find(group: string, version: string): AggregatedVersion | undefined;
  close(): void;
}

interface Registered {
  versions: AggregatedVersion[];
  stop: () => void;
}

export function createAggregation(
  { store, frontProxy, now }: { store: ObjectStore; frontProxy: CertificateAndKey; now: () => Date },
  { probeIntervalMs, signal }: { probeIntervalMs: number; signal: AbortSignal },
): Aggregation {
  const groups = new Map<string, Registered>();

  function setState(aggregated: AggregatedVersion, availability: Availability): void {
    const { state } = aggregated;
    const changed = availability.available !== state.available;
    Object.assign(state, availability, changed && { lastTransitionTime: now().toISOString() });
    const object = store.get('apiservices', state.name);
    if (object) store.update('apiservices', { ...object, status: { conditions: [condition(state)] } });
  }

  async function startProbing(aggregated: AggregatedVersion, stop: AbortSignal): Promise<void> {
    const { backend, group, version, state } = aggregated;
    const ask = () => probe(backend, `/apis/${group}/${version}`, stop);
    const report = (availability: Availability) => {
      const same = availability.available === state.available && availability.message === state.message;
      if (!same) setState(aggregated, availability);
    };
    const first = await ask();
    if (stop.aborted) return;
    report(first);
    void keepProbing(ask, report, { first, intervalMs: probeIntervalMs, signal: stop });
  }

  return {
    async register(registration) {
      const { group, versions } = registration;
      groups.get(group)?.stop();
      const stopped = new AbortController();
      const aggregated = versions.map((version) => ({
        group,
        version,
        backend: createBackend(registration, frontProxy, () => trustOf(store, `${version}.${group}`)),
        state: {
          name: `${version}.${group}`,
          available: false,
          reason: 'FailedDiscoveryCheck' as const,
          message: 'not probed yet',
          lastTransitionTime: now().toISOString(),
        },
      }));
      groups.set(group, {
        versions: aggregated,
        stop: () => {
          stopped.abort();
          for (const { backend } of aggregated) backend.close();
        },
      });
      for (const object of apiServices(registration, aggregated)) {
        const exists = store.get('apiservices', object.metadata.name);
        if (exists) store.update('apiservices', object);
        else store.create('apiservices', object);
      }
      const stop = AbortSignal.any([signal, stopped.signal]);
      await Promise.all(aggregated.map((one) => startProbing(one, stop)));
    },

    versions: () => [...groups.values()].flatMap(({ versions }) => versions),
    find: (group, version) => groups.get(group)?.versions.find((one) => one.version === version),
    close() {
      for (const { stop } of groups.values()) stop();
      groups.clear();
    },
  };
}

/** As the object has it now: who is behind it may have changed it. */
function trustOf(store: ObjectStore, name: string): BackendTrust {
  const spec = store.get('apiservices', name)?.['spec'] as
    | { caBundle?: string; insecureSkipTLSVerify?: boolean }
    | undefined;
  return {
    caBundle: Buffer.from(spec?.caBundle ?? '', 'base64').toString(),
    insecureSkipTLSVerify: spec?.insecureSkipTLSVerify ?? false,
  };
}

function apiServices(
  { group, caBundle, serverName, url }: ApiServiceRegistration,
  aggregated: readonly AggregatedVersion[],
): KubeObject[] {
  const [name, namespace] = serverName.split('.');
  return aggregated.map(({ version, state }) => ({
    metadata: { name: state.name },
    spec: {
      group,
      version,
      groupPriorityMinimum: 100,
      versionPriority: 100,
      caBundle: base64(caBundle),
      service: { namespace, name, port: Number(new URL(url).port || 443) },
    },
    status: { conditions: [condition(state)] },
  }));
}

function condition({ available, reason, message, lastTransitionTime }: ApiServiceState): unknown {
  return { type: 'Available', status: available ? 'True' : 'False', reason, message, lastTransitionTime };
}
