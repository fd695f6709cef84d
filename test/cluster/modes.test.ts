import { afterAll, beforeAll, expect, test } from 'vitest';
import { namespace } from '../chart/chart.ts';
import { manifests } from '../chart/components.ts';
import { readModes, renderMode } from '../chart/modes.ts';
import { ensureInstalled, isInstalled, uninstall } from './install.ts';
import { describeOnCluster } from './shared-cluster.ts';

const chart = new URL('../../charts/tacho', import.meta.url).pathname;
const modes = await readModes();

/** Kinds of operators that are not there. Their own schemas are not held against the chart: these admit every spec. */
const foreignKinds = [
  ['cert-manager.io', 'Certificate', 'certificates'],
  ['cert-manager.io', 'Issuer', 'issuers'],
  ['monitoring.coreos.com', 'ServiceMonitor', 'servicemonitors'],
  ['monitoring.coreos.com', 'PodMonitor', 'podmonitors'],
  ['monitoring.coreos.com', 'PrometheusRule', 'prometheusrules'],
].map(([group = '', kind = '', plural = '']) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    names: { kind, plural, singular: kind.toLowerCase() },
    scope: 'Namespaced',
    versions: [
      {
        ...{ name: 'v1', served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}));
const foreignNames = foreignKinds.map(({ metadata }) => metadata.name);

describeOnCluster('the chart in each of its modes', (cluster) => {
  beforeAll(async () => {
    await cluster.kubectl(['create', 'namespace', namespace]);
    await cluster.apply(foreignKinds);
    const established = ['--for=condition=Established', '--timeout=60s'];
    await cluster.kubectl(['wait', 'customresourcedefinition', ...foreignNames, ...established]);
  });
  afterAll(async () => {
    await cluster.kubectl(['delete', 'customresourcedefinition', ...foreignNames]);
    await cluster.kubectl(['delete', 'namespace', namespace]);
  });

  const dryRun = async (text: string) => {
    const apply = ['apply', '--dry-run=server', '--validate=strict', '-o', 'name', '-f', '-'];
    const accepted = await cluster.kubectl(apply, { input: text });
    return accepted.trim().split('\n');
  };

  test.each(modes)('kube-apiserver accepts every object of the mode $name', async (mode) => {
    const text = await renderMode(mode);
    expect(await dryRun(text)).toHaveLength(text.match(/^kind: /gm)?.length ?? 0);
  });

  test('kube-apiserver accepts components.yaml', async () => {
    expect((await dryRun(await manifests(cluster.tacho))).length).toBeGreaterThan(15);
  });

  test('kube-apiserver refuses an object with a field that does not exist', async () => {
    const text = (await manifests(cluster.tacho)).replace('  minReadySeconds:', '  minReadySecond:');
    await expect(dryRun(text)).rejects.toThrow(/unknown field.*minReadySecond/);
  });

  const installElsewhere = (...values: readonly string[]) =>
    cluster.helm([
      ...['install', 'tacho', chart, '-n', namespace, '--set', 'image.repository=tacho', ...values],
    ]);

  test('Helm stops before it changes anything where another release owns the API, and names it', async () => {
    await ensureInstalled(cluster);
    const refused = installElsewhere();
    await expect(refused).rejects.toThrow(
      /APIService v1\.metrics\.k8s\.io belongs to somebody else: it leads to the Service kube-system\/tacho-aggregator of the Helm release tacho in the namespace kube-system\. Nothing was changed/,
    );
    await expect(refused).rejects.toThrow('helm uninstall tacho -n kube-system --wait');
  });

  test('where the namespace admits no agents, the notes of the install say so and how to mend it', async () => {
    if (await isInstalled(cluster)) await uninstall(cluster);
    const level = 'pod-security.kubernetes.io/enforce';
    const notes = () => installElsewhere('--dry-run=server');
    expect(await notes()).not.toContain(level);
    await cluster.kubectl(['label', 'namespace', namespace, `${level}=baseline`]);
    try {
      expect(await notes()).toContain(`kubectl label namespace ${namespace} --overwrite ${level}=privileged`);
    } finally {
      await cluster.kubectl(['label', 'namespace', namespace, `${level}-`]);
    }
  });

  test('where metrics-server owns v1beta1, both ways that Helm tells lead to an install', async () => {
    if (await isInstalled(cluster)) await uninstall(cluster);
    const service = { name: 'metrics-server', namespace: 'kube-system', port: 443 };
    await cluster.apply([
      {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name: 'v1beta1.metrics.k8s.io', labels: { 'k8s-app': 'metrics-server' } },
        spec: {
          ...{ group: 'metrics.k8s.io', version: 'v1beta1', insecureSkipTLSVerify: true, service },
          ...{ groupPriorityMinimum: 100, versionPriority: 100 },
        },
      },
    ]);
    try {
      const refused = await installElsewhere().catch((error: Error) => error.message);
      expect(refused).toContain('it leads to the Service kube-system/metrics-server. Nothing was changed');
      const [, replace = ''] = /^ +kubectl (delete apiservice \S+)$/m.exec(String(refused)) ?? [];
      const [, beside = ''] = /--set '(apiService\.versions=\S+)'/.exec(String(refused)) ?? [];
      const ours = ['get', 'all,secret,configmap', '-n', namespace, '-l', 'app.kubernetes.io/name=tacho'];
      expect(await cluster.kubectl([...ours, '-o', 'name'])).toBe('');
      const notes = await installElsewhere('--set', beside, '--dry-run=server');
      expect(notes).toContain('name: v1.metrics.k8s.io');
      expect(notes).not.toContain('name: v1beta1.metrics.k8s.io');
      await cluster.kubectl(replace.split(' '));
      expect(await installElsewhere('--dry-run=server')).toContain('name: v1beta1.metrics.k8s.io');
    } finally {
      await cluster.kubectl(['delete', 'apiservice', 'v1beta1.metrics.k8s.io', '--ignore-not-found']);
    }
  });
});
