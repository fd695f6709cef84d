import type { AggregatedVersion } from './aggregation.ts';
import { kubeAggregator } from './availability.ts';
import {
  type ApiResource,
  aggregatedDiscoveryType,
  type GroupVersionDiscovery,
  toAggregated,
} from './discovery.ts';

/**
 * What a backend says it serves in one group version, asked for as kube-apiserver does: its aggregated `/apis`, else
 * `/apis/<group>/<version>`, which is asked for without a group and so meets the backend's authorisation. Unlike
 * kube-apiserver, which refreshes every 60 s, this asks each time: nothing has to be waited for after a start.
 */
export async function discoverBackend(
  { backend, group, version }: AggregatedVersion,
  signal: AbortSignal,
): Promise<GroupVersionDiscovery> {
  const stale = { group, version, resources: [], freshness: 'Stale' as const };
  try {
    const whole = await backend.ask('/apis', kubeAggregator, aggregatedDiscoveryType, signal);
    if (whole.code === 503) return stale;
    if (whole.code === 200 && isAggregated(whole.contentType)) {
      const resources = resourcesOf(JSON.parse(whole.body), group, version);
      return resources ? { group, version, resources, freshness: 'Current' } : stale;
    }
    const legacyUser = { ...kubeAggregator, groups: [] };
    const plain = await backend.ask(`/apis/${group}/${version}`, legacyUser, 'application/json', signal);
    if (plain.code !== 200) return stale;
    const { resources } = JSON.parse(plain.body) as { resources: ApiResource[] };
    return {
      group,
      version,
      resources: resources.map((resource) => toAggregated(group, version, resource)),
      freshness: 'Current',
    };
  } catch {
    return stale;
  }
}

/** The parameters of a media type have no order. */
function isAggregated(contentType: string): boolean {
  const parts = (value: string) =>
    value
      .split(';')
      .map((part) => part.trim())
      .sort()
      .join(';');
  return parts(contentType) === parts(aggregatedDiscoveryType);
}

interface GroupDiscoveryList {
  items: { metadata: { name: string }; versions: { version: string; resources: unknown[] }[] }[];
}

function resourcesOf({ items }: GroupDiscoveryList, group: string, version: string): unknown[] | undefined {
  return items
    .find(({ metadata }) => metadata.name === group)
    ?.versions.find((candidate) => candidate.version === version)?.resources;
}
