import { beforeAll, expect, test } from 'vitest';
import { helmBinary } from '../kubectl/kubectl-binary.ts';
import { chart, isInstalled, splitImage, uninstall } from './install.ts';
import { listMetrics } from './observe/metrics-reads.ts';
import { until } from './observe/until.ts';
import { outputOf } from './rig/command.ts';
import { describeOnCluster } from './shared-cluster.ts';

const inNamespace = ['-n', 'kube-system'];
const waiting = ['--wait', '--timeout=140s'];

describeOnCluster('Helm 3', (cluster) => {
  let program = '';

  const helm = async (...args: readonly string[]) =>
    outputOf(
      ['helm', ...args],
      await cluster.run([program, ...args, ...inNamespace], { timeoutMs: 150_000 }),
    );
  const everyNode = () =>
    until('numbers of every node', 60, async () => {
      const items = await listMetrics(cluster, 'nodes');
      return items.length === cluster.nodes.length;
    });
  const period = async () => {
    const deployment = ['get', 'deployment', 'tacho-aggregator', '-o', 'jsonpath={..containers[0].args}'];
    return /--metric-resolution=(\w+)/.exec(await cluster.kubectl([...inNamespace, ...deployment]))?.[1];
  };

  beforeAll(async () => {
    program = await helmBinary(3);
    if (await isInstalled(cluster)) await uninstall(cluster);
  });

  test('installs, upgrades, rolls back and uninstalls, and leaves nothing', async () => {
    expect(await helm('version', '--short')).toMatch(/^v3\./);
    const [image, tag] = splitImage(cluster.tacho);
    const sets = ['--set', `image.repository=${image}`, '--set', `image.tag=${tag}`];
    await helm('install', 'tacho', chart, ...waiting, ...sets);
    await everyNode();
    await helm(
      'upgrade',
      'tacho',
      chart,
      ...waiting,
      '--reset-then-reuse-values',
      '--set',
      'metricResolution=2s',
    );
    expect(await period()).toBe('2s');
    await helm('rollback', 'tacho', ...waiting);
    expect(await period()).toBe('5s');
    await everyNode();
    await helm('uninstall', 'tacho', ...waiting);
    const kinds =
      'apiservices,clusterroles,clusterrolebindings,roles,rolebindings,secrets,configmaps,services';
    const left = ['get', kinds, '-A', '-l', 'app.kubernetes.io/name=tacho', '-o', 'name'];
    expect((await cluster.kubectl(left)).trim()).toBe('');
  });
});
