import { beforeAll, expect, test } from 'vitest';
import { ensureInstalled, uninstall } from './install.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';

describeOnCluster('helm uninstall', (cluster) => {
  let before: readonly string[] = [];

  /** Every object of every kind that there is and that can be listed, as `kind namespace/name`. */
  async function everything(): Promise<readonly string[]> {
    const kinds = (await cluster.kubectl(['api-resources', '--verbs=list,delete', '-o', 'name']))
      .trim()
      .split('\n')
      // What comes and goes by itself tells nothing; metrics are not objects.
      .filter((kind) => !/^(?:events|leases|endpoints|pods\.metrics|nodes\.metrics)(?:\.|$)/.test(kind));
    const text = await cluster.kubectl([
      ...['get', kinds.join(','), '-A', '--ignore-not-found', '--no-headers'],
      ...['-o', 'custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name'],
    ]);
    return text
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).join(' '))
      .sort();
  }
  const ours = (objects: readonly string[]) => objects.filter((each) => /tacho|metrics\.k8s\.io/.test(each));

  beforeAll(async () => {
    await ensureInstalled(cluster);
    before = ours(await everything());
    await uninstall(cluster);
  });

  test('leaves no object of any kind', async () => {
    // Else a change of names would make this test see nothing and pass.
    expect(before).toEqual(
      expect.arrayContaining([
        'APIService <none> v1.metrics.k8s.io',
        'APIService <none> v1beta1.metrics.k8s.io',
        'ConfigMap kube-system tacho-aggregator-ca',
        'Secret kube-system tacho-aggregator-tls',
        'DaemonSet kube-system tacho-agent',
        'Deployment kube-system tacho-aggregator',
      ]),
    );
    expect(before.filter((each) => each.startsWith('ClusterRole'))).not.toEqual([]);
    // Pods and slices are removed by controllers, a moment later.
    await until('no object left', 120, async () => ours(await everything()).length === 0, 1_000).catch(
      () => undefined,
    );
    expect(ours(await everything())).toEqual([]);
  });

  test('a namespace deleted right after it does not hang', async () => {
    await ensureInstalled(cluster);
    await cluster.kubectl(['create', 'namespace', 'short-lived']);
    // Without waiting: the servers of the API are still ending while the namespace is asked for what it holds.
    await cluster.helm(['uninstall', 'tacho', '-n', 'kube-system']);
    await cluster.kubectl(['delete', 'namespace', 'short-lived', '--wait=true', '--timeout=30s']);
  });
});
