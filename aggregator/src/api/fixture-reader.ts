/** A cluster for the tests beside it: two nodes, three pods, and one of each without metrics. */
import type { ApiRequest, ApiResponse } from './api-message.ts';
import { createMetricsApi } from './routes.ts';
import type { NodeUsage, PodUsage, UsageReader } from './usage-reader.ts';

const timestampMs = Date.UTC(2026, 10, 22, 12, 0, 42, 987);
const MiB = 1024 * 1024;

export const nodeA: NodeUsage = {
  name: 'node-a',
  labels: { 'kubernetes.io/os': 'linux', zone: 'x' },
  timestampMs,
  windowUsec: 10_000_000,
  cpuNanocores: 250_000_000,
  memoryWorkingSetBytes: 1536 * MiB,
  swapBytes: undefined,
};

export const nodeB: NodeUsage = {
  ...nodeA,
  name: 'node-b',
  labels: {},
  windowUsec: 9_980_000,
  cpuNanocores: 0,
  swapBytes: 0,
};

export const web: PodUsage = {
  namespace: 'default',
  name: 'web-1',
  labels: { 'app.kubernetes.io/name': 'web', app: 'web' },
  timestampMs,
  windowUsec: 10_000_000,
  containers: [
    { name: 'app', cpuNanocores: 12_345_591, memoryWorkingSetBytes: 3 * 1024 * MiB, swapBytes: undefined },
    { name: 'proxy', cpuNanocores: 1000, memoryWorkingSetBytes: 1000, swapBytes: undefined },
  ],
};

export const database: PodUsage = { ...web, name: 'db-1', namespace: 'storage', labels: { app: 'db' } };
export const bare: PodUsage = { ...web, name: 'web-2', labels: {} };

export function fixtureReader(
  nodes: readonly NodeUsage[] = [nodeA, nodeB],
  pods: readonly PodUsage[] = [web, bare, database],
): UsageReader {
  return {
    nodes: () => nodes,
    node: (name) =>
      nodes.find((node) => node.name === name) ?? (name === 'node-new' ? 'no-metrics' : 'unknown'),
    pods: (namespace) => pods.filter((pod) => namespace === undefined || pod.namespace === namespace),
    pod: (namespace, name) =>
      pods.find((pod) => pod.namespace === namespace && pod.name === name) ??
      (name === 'web-new' ? 'no-metrics' : 'unknown'),
  };
}

export const version = {
  major: '1',
  minor: '0',
  gitVersion: 'v1.0.0',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '',
  goVersion: '',
  compiler: '',
  platform: 'linux/amd64',
};

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request for a path with its query. */
export function requestFor(target: string, { method = 'GET', headers = {} }: Asked = {}): ApiRequest {
  const [path = '', query = ''] = target.split('?');
  return { method, path, query: new URLSearchParams(query), header: (name) => headers[name] };
}

/** Asks an API over the reader. */
export function ask(target: string, asked: Asked = {}, reader = fixtureReader()): ApiResponse {
  const api = createMetricsApi({
    reader,
    version,
    serverAddress: ':10443',
    otherPaths: ['/readyz', '/livez'],
  });
  return api(requestFor(target, asked));
}

export function accepting(accept: string): Asked {
  return { headers: { accept } };
}

/** The body as hexadecimal digits. */
export function hexOf({ body }: ApiResponse): string {
  return Buffer.from(body).toString('hex');
}
