/** A cluster for the tests beside it: two nodes, three pods, and one of each without metrics. */

import type { UsageReader } from './measured/entries.ts';
import { ContainerName, Entry, type Sample, SampleTime, type Usage } from './measured/entry.ts';
import { LabelSet } from './measured/label-set.ts';
import type { Pieces } from './protocol/api-message.ts';
import { type ApiRequest, type ApiResponse, isWatchBody } from './protocol/api-message.ts';
import { createMetricsApi } from './routes.ts';

const timestampMs = Date.UTC(2026, 10, 22, 12, 0, 42, 987);
/** When every request of the tests is made. */
export const requestedMs = Date.UTC(2026, 10, 22, 12, 0, 44);
const MiB = 1024 * 1024;

interface Measured {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly windowUsec?: number;
  readonly containers: readonly (Usage & { readonly name: string })[];
}

/** An entry with its sample, and the fields that it was made from. */
export class FixtureEntry extends Entry {
  readonly measured: Measured;
  readonly sample: Sample;

  constructor(measured: Measured) {
    const { namespace = '', name, labels = {}, windowUsec = 10_000_000, containers } = measured;
    super(namespace === '' ? 'nodes' : 'pods', namespace, name, new LabelSet(labels));
    this.measured = measured;
    this.revision = timestampMs * 1000;
    this.sample = {
      time: new SampleTime(timestampMs),
      windowUsec,
      usages: containers,
      names: containers.map((container) => new ContainerName(container.name)),
    };
  }

  /** The same, but for some fields. */
  but(changed: Partial<Measured>): FixtureEntry {
    return new FixtureEntry({ ...this.measured, ...changed });
  }
}

const nodeUsage = {
  name: '',
  cpuNanocores: 250_000_000,
  memoryWorkingSetBytes: 1536 * MiB,
  swapBytes: undefined,
};

export const nodeA = new FixtureEntry({
  name: 'node-a',
  labels: { 'kubernetes.io/os': 'linux', zone: 'x' },
  containers: [nodeUsage],
});

export const nodeB = new FixtureEntry({
  name: 'node-b',
  windowUsec: 9_980_000,
  containers: [{ ...nodeUsage, cpuNanocores: 0, swapBytes: 0 }],
});

export const web = new FixtureEntry({
  namespace: 'default',
  name: 'web-1',
  labels: { 'app.kubernetes.io/name': 'web', app: 'web' },
  containers: [
    { name: 'app', cpuNanocores: 12_345_591, memoryWorkingSetBytes: 3 * 1024 * MiB, swapBytes: undefined },
    { name: 'proxy', cpuNanocores: 1000, memoryWorkingSetBytes: 1000, swapBytes: undefined },
  ],
});

export const database = web.but({ name: 'db-1', namespace: 'storage', labels: { app: 'db' } });
export const bare = web.but({ name: 'web-2', labels: {} });

export function fixtureReader(
  nodes: readonly FixtureEntry[] = [nodeA, nodeB],
  pods: readonly FixtureEntry[] = [web, bare, database],
): UsageReader {
  return {
    nodes: () => [nodes],
    node: (name) =>
      nodes.find((node) => node.name === name) ?? (name === 'node-new' ? 'no-metrics' : 'unknown'),
    pods: (namespace) => [pods.filter((pod) => namespace === undefined || pod.namespace === namespace)],
    podsByLabels: () => pods.map((pod) => [pod.labels, [pod]] as const),
    pod: (namespace, name) =>
      pods.find((pod) => pod.namespace === namespace && pod.name === name) ??
      (name === 'web-new' ? 'no-metrics' : 'unknown'),
    samplesNow: () => (entry) => (entry instanceof FixtureEntry ? entry.sample : undefined),
    knowsSwap: () => true,
    revision: () => timestampMs * 1000 + 999,
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

/** Asks an API over the reader; the body is whole. */
export function ask(
  target: string,
  asked: Asked = {},
  reader = fixtureReader(),
  revisions = false,
): ApiResponse & { readonly body: Buffer | string } {
  const api = createMetricsApi({
    reader,
    revisions,
    wallMs: () => requestedMs,
    served: () => {},
    version,
    serverAddress: ':10443',
    otherPaths: ['/readyz', '/livez'],
  });
  const { body, ...response } = api(requestFor(target, asked));
  if (isWatchBody(body)) throw new Error('a watch has no whole body');
  return {
    ...response,
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : joined(body, response),
  };
}

/** The pieces as one, a string where Kubernetes would send text. */
function joined(pieces: Pieces, { headers }: Pick<ApiResponse, 'headers'>): Buffer | string {
  const copies: Buffer[] = [];
  for (const piece of pieces) if (piece !== undefined) copies.push(Buffer.from(piece));
  const bytes = Buffer.concat(copies);
  return headers['Content-Type']?.includes('protobuf') === true ? bytes : bytes.toString('utf8');
}

export function accepting(accept: string): Asked {
  return { headers: { accept } };
}

/** The body as hexadecimal digits. */
export function hexOf({ body }: { readonly body: Buffer | string }): string {
  return Buffer.from(body).toString('hex');
}
