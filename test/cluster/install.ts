import { listMetrics } from './observe/metrics-reads.ts';
import { until } from './observe/until.ts';
import type { Cluster } from './rig/cluster.ts';

/** The chart's folder. */
export const chart = new URL('../../charts/tacho', import.meta.url).pathname;
const namespace = 'kube-system';
const readsInARow = 6;

/** Chart values as `--set` takes them. */
export type Values = Readonly<Record<string, string>>;

/** `helm install tacho charts/tacho -n kube-system --wait`, with the image's values and others that a test asks for. */
export async function install(cluster: Cluster, values: Values = {}): Promise<void> {
  await cluster.helm([
    'install',
    'tacho',
    chart,
    '-n',
    namespace,
    '--wait',
    '--timeout=120s',
    ...sets(cluster, values),
  ]);
}

/** Installs tacho, or brings what is installed to exactly these values, and waits until so many nodes have numbers, by default all. */
export async function ensureInstalled(
  cluster: Cluster,
  values: Values = {},
  nodes = cluster.nodes.length,
): Promise<void> {
  await cluster.helm([
    ...[
      'upgrade',
      '--install',
      'tacho',
      chart,
      '-n',
      namespace,
      '--reset-values',
      '--wait',
      '--timeout=120s',
    ],
    ...sets(cluster, values),
  ]);
  // Each read is of either replica.
  await until('numbers of every node in read after read', 60, async () => {
    for (let read = 0; read < readsInARow; read += 1) {
      if ((await listMetrics(cluster, 'nodes')).length !== nodes) return false;
    }
    return true;
  });
}

export async function uninstall(cluster: Cluster): Promise<void> {
  await cluster.helm(['uninstall', 'tacho', '-n', namespace, '--wait', '--timeout=120s']);
}

export async function isInstalled(cluster: Cluster): Promise<boolean> {
  const releases = JSON.parse(await cluster.helm(['list', '-n', namespace, '-o', 'json'])) as {
    name: string;
  }[];
  return releases.some(({ name }) => name === 'tacho');
}

/** Name of the running agent pod of a node; in a rollout that of the new one. */
export async function agentPodOf(cluster: Cluster, node: string): Promise<string> {
  const text = await cluster.kubectl([
    ...[
      '-n',
      namespace,
      'get',
      'pods',
      '-l',
      'app.kubernetes.io/name=tacho,app.kubernetes.io/component=agent',
    ],
    ...['--field-selector', `spec.nodeName=${node},status.phase=Running`, '-o', 'json'],
  ]);
  const { items } = JSON.parse(text) as {
    readonly items: readonly {
      readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
    }[];
  };
  const pod = items.find(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (pod === undefined) throw new Error(`no running agent on ${node}`);
  return pod.metadata.name;
}

function sets(cluster: Cluster, values: Values): readonly string[] {
  const [repository = '', tag = ''] = splitImage(cluster.tacho);
  const all = { 'image.repository': repository, 'image.tag': tag, ...values };
  return Object.entries(all).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
}

/** A port may stand before the last slash: only a colon behind it starts the tag. */
export function splitImage(image: string): readonly [string, string] {
  const colon = image.lastIndexOf(':');
  if (colon <= image.lastIndexOf('/')) throw new Error(`expected an image with a tag, found ${image}`);
  return [image.slice(0, colon), image.slice(colon + 1)];
}
