import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chart, isInstalled, splitImage, uninstall } from './install.ts';
import { metricsServerObjects } from './manifests/metrics-server.ts';
import { until } from './observe/until.ts';
import { commandsBelow, type PageSession, pageSession } from './page-session.ts';
import { describeOnCluster } from './shared-cluster.ts';
import { startMetricsServer } from './side-by-side/peers.ts';

const file = 'test/cluster/takeover.test.ts';
const page = 'docs/migration.md';
const inNamespace = ['-n', 'kube-system'];

describeOnCluster('metrics-server is there already', (cluster) => {
  if (cluster.programs === undefined) {
    test.skip('metrics-server runs beside the control plane: only on a cluster that was made here');
    return;
  }
  let session: PageSession;
  let stop: () => Promise<void> = async () => undefined;

  const owner = (version: string) =>
    cluster.kubectl([
      ...['get', 'apiservice', `${version}.metrics.k8s.io`, '--ignore-not-found'],
      ...['-o', 'jsonpath={.spec.service.name}'],
    ]);
  /** A client that knows v1beta1 only. */
  const olderTop = async () => (await cluster.kubectl136(['top', 'nodes'])).trim().split('\n').length - 1;
  const everyNode = () =>
    until('kubectl 1.36 shows every node', 90, async () => (await olderTop()) === cluster.nodes.length);
  const sets = () => {
    const [image, tag] = splitImage(cluster.tacho);
    return ['--set', `image.repository=${image}`, '--set', `image.tag=${tag}`];
  };

  beforeAll(async () => {
    session = pageSession(cluster);
    if (await isInstalled(cluster)) await uninstall(cluster);
    stop = await startMetricsServer(cluster, (line) => void process.stdout.write(`${line}\n`));
    const list = { apiVersion: 'v1', kind: 'List', items: metricsServerObjects() };
    writeFileSync(join(session.folder, 'metrics-server.yaml'), JSON.stringify(list));
    await cluster.apply(metricsServerObjects());
    await everyNode();
  });
  afterAll(async () => {
    await cluster.kubectl([
      'delete',
      '--ignore-not-found',
      '-f',
      join(session.folder, 'metrics-server.yaml'),
    ]);
    await stop();
    session.close();
  });

  test('helm install stops before anything is changed, and names the owner and both ways', async () => {
    const { code, stderr } = await cluster.run([
      ...[cluster.helmPath, 'install', 'tacho', chart, ...inNamespace],
      ...sets(),
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('it leads to the Service kube-system/metrics-server');
    expect(stderr).toContain('kubectl delete apiservice v1beta1.metrics.k8s.io');
    expect(stderr).toContain("--set 'apiService.versions={v1}'");
    expect(await isInstalled(cluster)).toBe(false);
    const ours = ['get', 'deployments,daemonsets,secrets,configmaps', ...inNamespace, '-o', 'name'];
    expect(await cluster.kubectl(ours)).not.toContain('tacho');
    expect(await owner('v1beta1')).toBe('metrics-server');
    expect(await olderTop()).toBe(cluster.nodes.length);
  });

  test('beside it: tacho answers v1, metrics-server goes on with v1beta1, also when tacho has gone', async () => {
    const said = await session.type(commandsBelow(page, 'Beside it', file));
    expect(said).toContain('"kind":"NodeMetricsList"');
    expect([await owner('v1'), await owner('v1beta1')]).toEqual(['tacho-aggregator', 'metrics-server']);
    expect(await olderTop()).toBe(cluster.nodes.length);
    await uninstall(cluster);
    expect([await owner('v1'), await owner('v1beta1')]).toEqual(['', 'metrics-server']);
    expect(await olderTop()).toBe(cluster.nodes.length);
  });

  test('in its place: what the page says takes metrics-server away, and tacho answers both', async () => {
    await session.type(commandsBelow(page, 'In its place', file));
    expect([await owner('v1'), await owner('v1beta1')]).toEqual(['tacho-aggregator', 'tacho-aggregator']);
    await everyNode();
  });
});
