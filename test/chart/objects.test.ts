import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { chartFolder, find, namespace, render } from './chart.ts';
import { podTemplate } from './pod-template.ts';

const files = await render();
const objects = files.flatMap((file) => file.objects);
const daemonSet = find(files, 'DaemonSet', 'tacho-agent');
const deployment = find(files, 'Deployment', 'tacho-aggregator');
const clusterScoped = ['ClusterRole', 'ClusterRoleBinding', 'APIService'];

test.each(files)('$path is one object, named by its kind and filed by its component', ({ path, objects }) => {
  expect(objects).toHaveLength(1);
  const [folder, name] = path.split('/');
  expect(objects[0]?.metadata.labels['app.kubernetes.io/component']).toBe(folder);
  const kind = objects[0]?.kind.toLowerCase() ?? '';
  expect(name).toMatch(new RegExp(`^${kind}(?:-[a-z0-9-]+)?\\.yaml$`));
});

test('every namespaced object is in the release’s namespace, but the binding that Kubernetes wants in its own', () => {
  const elsewhere = objects.filter(
    ({ kind, metadata }) => metadata.namespace !== (clusterScoped.includes(kind) ? undefined : namespace),
  );
  expect(elsewhere.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
    'kube-system/tacho-aggregator-authentication-reader',
  ]);
});

test('every object carries the release’s labels and no hook or finalizer, so that uninstalling leaves nothing', () => {
  for (const { kind, metadata } of objects) {
    expect(metadata.labels, `${kind} ${metadata.name}`).toMatchObject({
      'app.kubernetes.io/name': 'tacho',
      'app.kubernetes.io/instance': 'tacho',
      'app.kubernetes.io/managed-by': 'Helm',
    });
    expect(metadata).not.toHaveProperty('annotations');
    expect(metadata).not.toHaveProperty('finalizers');
  }
});

test('what the aggregator writes is in no manifest', () => {
  expect(find(files, 'Secret', 'tacho-aggregator-tls')).not.toHaveProperty('data');
  expect(find(files, 'Secret', 'tacho-aggregator-tls')).toHaveProperty('type', 'Opaque');
  expect(find(files, 'ConfigMap', 'tacho-aggregator-ca')).not.toHaveProperty('data');
  for (const version of ['v1', 'v1beta1']) {
    const service = find(files, 'APIService', `${version}.metrics.k8s.io`);
    expect(service['spec']).not.toHaveProperty('caBundle');
    expect(service['spec']).not.toHaveProperty('insecureSkipTLSVerify');
  }
});

test.each([daemonSet, deployment])(
  'the pods of $kind have no privilege that could be left out',
  (workload) => {
    const { spec } = podTemplate(workload);
    expect(spec.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    for (const host of ['hostNetwork', 'hostPID', 'hostIPC']) expect(spec).not.toHaveProperty(host);
    expect(spec.containers).toHaveLength(1);
    expect(spec).not.toHaveProperty('initContainers');
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(spec.containers[0].resources).toMatchObject({
      requests: { cpu: expect.stringMatching(/./), memory: expect.stringMatching(/./) },
    });
    expect(JSON.stringify(spec.containers[0].resources)).not.toMatch(/"limits":\{[^}]*"cpu"/);
  },
);

test('an agent’s pod has no token for kube-apiserver, and mounts two host folders, read-only', () => {
  const { spec } = podTemplate(daemonSet);
  expect(spec.automountServiceAccountToken).toBe(false);
  expect(find(files, 'ServiceAccount', 'tacho-agent')).toHaveProperty('automountServiceAccountToken', false);
  const hostPaths = spec.volumes?.flatMap(({ hostPath }) => (hostPath ? [hostPath.path] : []));
  expect(hostPaths).toEqual(['/sys/fs/cgroup', '/var/log/containers']);
  for (const mount of spec.containers[0].volumeMounts ?? []) expect(mount.readOnly).toBe(true);
});

test('an agent’s pod waits for the CA: the key is not optional', () => {
  const sources = podTemplate(daemonSet).spec.volumes?.flatMap(({ projected }) => projected?.sources ?? []);
  expect(sources?.map(({ configMap }) => configMap).filter(Boolean)).toEqual([
    { name: 'tacho-aggregator-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
  ]);
});

test('no replica needs a node of its own, so that a cluster of one node installs', () => {
  const { spec } = podTemplate(deployment);
  expect(JSON.stringify(spec)).not.toMatch(/requiredDuringScheduling|DoNotSchedule/);
});

test.each([
  [1, 0],
  [2, 1],
  [15, 1],
])(
  '%d replicas have %d budgets, so that a node with the only one can be drained',
  async (replicas, count) => {
    const rendered = (await render({ aggregator: { replicas } })).flatMap((file) => file.objects);
    expect(rendered.filter(({ kind }) => kind === 'PodDisruptionBudget')).toHaveLength(count);
    expect(rendered).toHaveLength(objects.length - 1 + count);
  },
);

test('selectors select the pods of their component and no others', () => {
  const selectors = [daemonSet, deployment, ...objects.filter(({ kind }) => kind === 'Service')].map(
    (object) => {
      const { selector } = object['spec'] as { selector: { matchLabels?: object } };
      return { object, selector: selector.matchLabels ?? selector };
    },
  );
  for (const { object, selector } of selectors) {
    const component = object.metadata.labels['app.kubernetes.io/component'];
    const own = component === 'agent' ? daemonSet : deployment;
    const other = component === 'agent' ? deployment : daemonSet;
    expect(podTemplate(own).metadata.labels).toMatchObject(selector);
    expect(podTemplate(other).metadata.labels).not.toMatchObject(selector);
  }
});

test('Chart.yaml has the version of the programs', async () => {
  const chart = load(await readFile(join(chartFolder, 'Chart.yaml'), 'utf8'));
  for (const folder of ['', 'agent', 'aggregator']) {
    const manifest = await readFile(join(chartFolder, '../..', folder, 'package.json'), 'utf8');
    expect(chart).toHaveProperty('appVersion', (JSON.parse(manifest) as { version: string }).version);
  }
});

test('network policies: whoever proves himself reaches the API, only agents the port for reports, and of an agent only its health', async () => {
  const ingressOf = (name: string) =>
    (
      find(files, 'NetworkPolicy', name)['spec'] as {
        ingress: { ports: { port: string }[]; from?: object[] }[];
      }
    ).ingress;
  const agents = podTemplate(daemonSet).metadata.labels;
  expect(ingressOf('tacho-aggregator')).toEqual([
    { ports: [{ port: 'https' }] },
    { ports: [{ port: 'ingest' }], from: [{ podSelector: { matchLabels: agents } }] },
  ]);
  expect(ingressOf('tacho-agent')).toEqual([{ ports: [{ port: 'health' }] }]);
  for (const [workload, name] of [
    [deployment, 'tacho-aggregator'],
    [daemonSet, 'tacho-agent'],
  ] as const) {
    const open = ingressOf(name).flatMap(({ ports }) => ports.map(({ port }) => port));
    const named = podTemplate(workload).spec.containers[0].ports?.map(({ name: port }) => port);
    expect(named).toEqual(open);
  }
  const without = (await render({ networkPolicy: { enabled: false } })).flatMap((file) => file.objects);
  expect(without.filter(({ kind }) => kind === 'NetworkPolicy')).toEqual([]);
});
