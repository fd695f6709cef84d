import { expect, test } from 'vitest';
import { respondAggregatedDiscovery } from './discovery/aggregated-discovery.ts';
import { apiResourceList } from './discovery/discovery.ts';
import { requestFor } from './fixture-reader.ts';
import { verbsOf } from './protocol/metrics-group.ts';

const transform = { kind: 'APIGroupDiscoveryList', group: 'apidiscovery.k8s.io', version: 'v2' };

test.each([
  [false, ['get', 'list']],
  [true, ['get', 'list', 'watch']],
])('discovery of a server that advertises watch (%s) has the verbs %j', (advertised, verbs) => {
  expect(verbsOf(advertised)).toEqual(verbs);
  const plain = JSON.parse(apiResourceList('v1', verbs).json());
  const form = { mediaType: 'application/json', pretty: false, transform } as const;
  const aggregated = JSON.parse(String(respondAggregatedDiscovery(requestFor('/apis'), form, verbs).body));
  const discovered = [plain.resources, aggregated.items[0].versions.flatMap(resourcesOf)].flat();
  expect(discovered).toHaveLength(6);
  for (const resource of discovered) expect(resource.verbs).toEqual(verbs);
});

function resourcesOf({ resources }: { resources: object[] }): object[] {
  return resources;
}
