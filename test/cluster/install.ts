import { listMetrics } from './observe/metrics-reads.ts';
import { until } from './observe/until.ts';
import type { Cluster } from './rig/cluster.ts';

/** The chart's folder. */
export const chart = new URL('../../charts/tacho', import.meta.url).pathname;
const namespace = 'kube-system';
/** Each read is of either replica. */
const readsInARow = 12;
const helmSeconds = 240;
/** Helm that is killed leaves a release that nobody can change: it has to give up by itself before that. */
const helmOptions = { timeoutMs: (helmSeconds + 20) * 1000 };

/** Chart values as `--set` takes them. */
export type Values = Readonly<Record<string, string>>;

/** `helm install tacho charts/tacho -n kube-system --wait`, with the image's values and others that a test asks for. */
export async function install(cluster: Cluster, values: Values = {}): Promise<void> {
  await cluster.helm(
    [
      'install',
      'tacho',
      chart,
      '-n',
      namespace,
      '--wait',
      `--timeout=${helmSeconds}s`,
      ...sets(cluster, values),
    ],
    helmOptions,
  );
}

/** Installs tacho, or brings what is installed to exactly these values, and waits until so many nodes have numbers, by default all. */
export async function ensureInstalled(
  cluster: Cluster,
  values: Values = {},
  nodes = cluster.nodes.length,
): Promise<void> {
  await cluster.helm(
    [
      ...['upgrade', '--install', 'tacho', chart, '-n', namespace, '--reset-values'],
      ...['--wait', `--timeout=${helmSeconds}s`, ...sets(cluster, values)],
    ],
    helmOptions,
  );
  await untilNodesAreShown(cluster, nodes);
}

/** Waits until each replica has so many nodes. */
export async function untilNodesAreShown(cluster: Cluster, nodes = cluster.nodes.length): Promise<void> {
  await until(`numbers of ${nodes} nodes in read after read`, 60, async () => {
    for (let read = 0; read < readsInARow; read += 1) {
      const found = (await listMetrics(cluster, 'nodes')).length;
      if (found !== nodes) throw new Error(`found ${found}`);
    }
    return true;
  });
}

export async function uninstall(cluster: Cluster): Promise<void> {
  await cluster.helm(
    ['uninstall', 'tacho', '-n', namespace, '--wait', `--timeout=${helmSeconds}s`],
    helmOptions,
  );
}

/** Waits until no pod of tacho is left but so many: Helm is done before they have ended, which takes a slow node most of a minute. */
export async function untilPodsAreGone(cluster: Cluster, but = 0): Promise<void> {
  const pods = ['-n', namespace, 'get', 'pods', '-l', 'app.kubernetes.io/name=tacho', '-o', 'name'];
  await until('the old pods are gone', 120, async () => {
    const names = (await cluster.kubectl(pods)).split('\n').filter(Boolean);
    if (names.length !== but) throw new Error(`found ${names.join()}`);
    return true;
  });
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
