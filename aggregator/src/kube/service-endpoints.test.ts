import { expect, test, vi } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { keptLog } from '../fixture-log.ts';
import { startCluster } from './fixture-cluster.ts';
import { Reflector } from './reflector.ts';
import { type Endpoint, type EndpointSlice, ServiceEndpoints } from './service-endpoints.ts';

const endpoint = (address: string, uid: string, conditions = {}): Endpoint => ({
  addresses: [address],
  conditions: { ready: true, ...conditions },
  targetRef: { uid },
});

function slice(
  name: string,
  endpoints: EndpointSlice['endpoints'] = [],
  rest: Partial<EndpointSlice> = {},
): EndpointSlice {
  const ports = [{ name: 'ingest', port: 10251, protocol: 'TCP' }];
  return { metadata: { name }, addressType: 'IPv4', endpoints, ports, ...rest };
}

/** Endpoints after these slices were listed. */
function endpointsOf(...slices: EndpointSlice[]) {
  const changed = vi.fn();
  const endpoints = new ServiceEndpoints(changed);
  endpoints.replace(slices);
  return { endpoints, changed };
}

const both = [endpoint('10.0.0.2', 'b'), endpoint('10.0.0.1', 'a')];

test('ServiceEndpoints.addresses() has each pod with the port of its slice, in order', () => {
  const { endpoints } = endpointsOf(slice('one', both), slice('two', [endpoint('10.0.0.3', 'c')]));
  expect(endpoints.addresses()).toEqual(['10.0.0.1:10251', '10.0.0.2:10251', '10.0.0.3:10251']);
});

test('ServiceEndpoints.addresses() has a dual-stack pod once, by IPv4, and one of IPv6 alone in brackets', () => {
  const ipv6 = slice('six', [endpoint('fd00::1', 'a'), endpoint('fd00::9', 'only-six')], {
    addressType: 'IPv6',
  });
  const { endpoints } = endpointsOf(ipv6, slice('four', both));
  expect(endpoints.addresses()).toEqual(['10.0.0.1:10251', '10.0.0.2:10251', '[fd00::9]:10251']);
});

test('ServiceEndpoints.addresses() leaves out a terminating pod, though it is called ready, and keeps one that is not ready', () => {
  const leaving = endpoint('10.0.0.1', 'a', { terminating: true });
  const starting = endpoint('10.0.0.2', 'b', { ready: false });
  expect(endpointsOf(slice('one', [leaving, starting])).endpoints.addresses()).toEqual(['10.0.0.2:10251']);
});

test.each<[string, EndpointSlice]>([
  ['no endpoints', slice('one', null)],
  ['no ports', slice('one', both, { ports: null })],
  ['a UDP port only', slice('one', both, { ports: [{ port: 53, protocol: 'UDP' }] })],
  ['host names', slice('one', both, { addressType: 'FQDN' })],
  ['an endpoint without address', slice('one', [{ addresses: [] }, {}])],
])('ServiceEndpoints.addresses() of a slice with %s is empty', (_, only) => {
  expect(endpointsOf(only).endpoints.addresses()).toEqual([]);
});

test('ServiceEndpoints tells of another set of addresses, not of another order, resource version or condition', () => {
  const { endpoints, changed } = endpointsOf(slice('one', both));
  expect(changed).toHaveBeenCalledTimes(1);
  endpoints.set(slice('one', [...both].reverse(), { metadata: { name: 'one', resourceVersion: '9' } }));
  endpoints.set(slice('more', [endpoint('10.0.0.1', 'a')]));
  endpoints.replace([slice('one', both)]);
  expect(changed).toHaveBeenCalledTimes(1);
  endpoints.set(slice('one', [endpoint('10.0.0.1', 'a')]));
  expect(endpoints.addresses()).toEqual(['10.0.0.1:10251']);
  endpoints.remove(slice('one'));
  expect(endpoints.addresses()).toEqual([]);
  expect(changed).toHaveBeenCalledTimes(3);
});

/** Follows the Service as the aggregator does. */
async function follow(namespace: string) {
  const cluster = await startCluster();
  const { log, lines } = keptLog();
  const endpoints = new ServiceEndpoints(() => undefined);
  const stop = new AbortController();
  const query = { labelSelector: 'kubernetes.io/service-name=tacho-ingest' };
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const asked: string[] = [];
  const client = {
    get(url: string, signal: AbortSignal) {
      asked.push(url);
      return cluster.client.get(url, signal);
    },
    watch: cluster.client.watch.bind(cluster.client),
  };
  const reflector = new Reflector(
    { client, target: endpoints, log },
    { path, query, pageSize: 100, retryMs: 5 },
  );
  const ended = reflector.run(stop.signal);
  return {
    ...{ store: cluster.apiserver.store, endpoints, lines, asked },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
      await cluster[Symbol.asyncDispose]();
    },
  };
}

test('ServiceEndpoints follows the slices of its own Service', async () => {
  await using service = await follow('tacho');
  const stored = (name: string, service: string, address: string) => ({
    ...slice(name, [endpoint(address, name)]),
    metadata: { name, namespace: 'tacho', labels: { 'kubernetes.io/service-name': service } },
  });
  service.store.create('endpointslices', stored('a', 'tacho-ingest', '10.0.0.1'));
  service.store.create('endpointslices', stored('x', 'another', '10.0.0.9'));
  await eventually(() => expect(service.endpoints.addresses()).toEqual(['10.0.0.1:10251']));
  service.store.create('endpointslices', stored('b', 'tacho-ingest', '10.0.0.2'));
  await eventually(() => expect(service.endpoints.addresses()).toHaveLength(2));
  service.store.delete('endpointslices', 'a', 'tacho');
  await eventually(() => expect(service.endpoints.addresses()).toEqual(['10.0.0.2:10251']));
});

test('ServiceEndpoints stays empty where it may not look, which is logged once however often it is tried', async () => {
  await using service = await follow('elsewhere');
  await eventually(() => expect(service.asked.length).toBeGreaterThan(3));
  expect(service.lines).toHaveLength(1);
  expect(service.endpoints.addresses()).toEqual([]);
  expect(service.lines[0]).toMatchObject({ msg: 'cannot follow objects, trying again' });
  expect(service.lines[0]?.['reason']).toMatch(/403: endpointslices.discovery.k8s.io is forbidden/);
});
