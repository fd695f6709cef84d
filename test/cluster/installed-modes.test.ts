import { afterAll, expect, test } from 'vitest';
import { createPki } from '../stand-ins/kube-apiserver/pki.ts';
import {
  ensureInstalled,
  install,
  isInstalled,
  uninstall,
  untilPodsAreGone,
  type Values,
} from './install.ts';
import { listMetrics } from './observe/metrics-reads.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';

const namespace = 'kube-system';
const names = ['tacho-aggregator', 'tacho-ingest'].map((service) => `${service}.${namespace}.svc`);

describeOnCluster('installed in another mode', (cluster) => {
  afterAll(async () => {
    await cluster.kubectl(['-n', namespace, 'delete', 'secret', 'own-certificate', '--ignore-not-found']);
    if (await isInstalled(cluster)) await uninstall(cluster);
    await ensureInstalled(cluster);
  });

  async function installAnew(values: Values): Promise<void> {
    if (await isInstalled(cluster)) await uninstall(cluster);
    // What is read of the new pods shall not be of old ones, which have lost their rights.
    await untilPodsAreGone(cluster);
    await install(cluster, values);
    const isComplete = async () => (await listMetrics(cluster, 'nodes')).length === cluster.nodes.length;
    await until('numbers of every node', 90, isComplete);
  }
  const logs = (workload: string) =>
    cluster.kubectl(['-n', namespace, 'logs', workload, '--all-pods', '--tail=-1']);
  test('with a certificate of one’s own every node has numbers, and nobody asks for what the mode’s rights leave out', async () => {
    const { servingCa } = await createPki();
    const serving = await servingCa.issueServing(names);
    await cluster.apply([
      {
        ...{ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls' },
        metadata: { name: 'own-certificate', namespace },
        stringData: { 'tls.crt': serving.certificate, 'tls.key': serving.key },
      },
    ]);
    await installAnew({
      'tls.type': 'existingSecret',
      'tls.existingSecret.name': 'own-certificate',
      'apiService.caBundle': servingCa.certificate,
    });
    const bundle = ['get', 'apiservice', 'v1.metrics.k8s.io', '-o', 'jsonpath={.spec.caBundle}'];
    expect(Buffer.from(await cluster.kubectl(bundle), 'base64').toString()).toBe(servingCa.certificate);
    const log = await logs('deployment/tacho-aggregator');
    expect(log).toContain('aggregator listens');
    expect(log.split('\n').filter((line) => /forbidden|\b403\b/i.test(line))).toEqual([]);
  });

  test('on the nodes’ own network every node has numbers', async () => {
    await installAnew({
      'aggregator.hostNetwork.enabled': 'true',
      'aggregator.containerPort': '10260',
      'aggregator.ingestPort': '10261',
    });
    const text = await cluster.kubectl([
      ...['-n', namespace, 'get', 'pods', '-l', 'app.kubernetes.io/component=aggregator'],
      ...['-o', 'jsonpath={range .items[*]}{.status.podIP}={.status.hostIP}{"\\n"}{end}'],
    ]);
    const pods = text.trim().split('\n');
    expect(pods).toHaveLength(2);
    for (const pod of pods) expect(pod).toMatch(/^(.+)=\1$/);
    expect(new Set(pods).size).toBe(2);
  });
});
