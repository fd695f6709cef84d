import { type FlagTable, parseCommandLine, text } from '@tacho/command-line';
import { expect, test } from 'vitest';
import { aggregatorFlags, flagRelations } from '../../aggregator/src/flags.ts';
import { pullerFlags, flagRelations as pullerRelations } from '../../puller/src/flags.ts';
import { type ChartObject, find, namespace, type RenderedFile, render } from './chart.ts';
import { podTemplate } from './pod-template.ts';

const [without, withOne] = await Promise.all([render(), render({ puller: { enabled: true } })]);
const names = (files: readonly RenderedFile[]) =>
  files.flatMap(({ objects }) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
const objectsOf = (files: readonly RenderedFile[]) => files.flatMap(({ objects }) => objects);
const specOf = (files: readonly RenderedFile[]) =>
  podTemplate(find(files, 'Deployment', 'tacho-puller')).spec;

/** The flags of a Deployment's program as it would read them. @throws with its own words where it would not start */
function valuesOf(
  files: readonly RenderedFile[],
  name: string,
  flags: FlagTable,
  relations: (values: never) => readonly string[],
) {
  const { args } = podTemplate(find(files, 'Deployment', name)).spec.containers[0];
  const table: FlagTable = { ...flags, 'log-level': text({ help: '', default: 'info' }) };
  const line = parseCommandLine(table, args, { POD_NAME: 'the-pod' }, (values) => relations(values as never));
  if (line.kind !== 'run') throw new Error(JSON.stringify(line));
  return line.values;
}
const aggregatorValues = (files: readonly RenderedFile[]) =>
  valuesOf(files, 'tacho-aggregator', aggregatorFlags, flagRelations);
const pullerValues = (files: readonly RenderedFile[]) =>
  valuesOf(files, 'tacho-puller', pullerFlags('the-host'), pullerRelations);

test('without puller.enabled there is nothing of it, and no puller is accepted', () => {
  expect(JSON.stringify(objectsOf(without))).not.toContain('puller');
  expect(aggregatorValues(without)).toMatchObject({ pull: 'never', 'puller-service-account': undefined });
});

test('puller.enabled adds its own objects and no others', () => {
  const before = new Set(names(without));
  expect(
    names(withOne)
      .filter((name) => !before.has(name))
      .sort(),
  ).toEqual([
    'ClusterRole tacho-puller',
    'ClusterRoleBinding tacho-puller',
    'Deployment tacho-puller',
    'NetworkPolicy tacho-puller',
    'PodDisruptionBudget tacho-puller',
    'ServiceAccount tacho-puller',
  ]);
});

test('podMonitor.enabled scrapes the pullers too, as it does the agents', async () => {
  const files = await render({ puller: { enabled: true }, podMonitor: { enabled: true, interval: '7s' } });
  const monitorOf = (component: string) =>
    JSON.stringify(find(files, 'PodMonitor', `tacho-${component}`)['spec']);
  expect(monitorOf('puller')).toBe(monitorOf('agent').replaceAll('agent', 'puller'));
  const { labels } = podTemplate(find(files, 'Deployment', 'tacho-puller')).metadata;
  expect(find(files, 'PodMonitor', 'tacho-puller')['spec']).toMatchObject({
    selector: { matchLabels: labels },
    podMetricsEndpoints: [{ port: 'health', path: '/metrics', interval: '7s' }],
  });
});

test('for one puller there is no budget', async () => {
  const one = await render({ puller: { enabled: true, replicas: 1 } });
  expect(names(one)).not.toContain('PodDisruptionBudget tacho-puller');
});

test('the aggregator accepts the puller’s account, and asks it for the nodes that the values say', async () => {
  expect(aggregatorValues(withOne)).toMatchObject({
    pull: 'auto',
    'pull-node-selector': undefined,
    'puller-service-account': `${namespace}/${specOf(withOne).serviceAccountName}`,
  });
  const other = await render({ puller: { enabled: true, mode: 'all', nodes: 'a=b,c!=d' } });
  expect(aggregatorValues(other)).toMatchObject({ pull: 'all', 'pull-node-selector': 'a=b,c!=d' });
});

test('a puller’s pod has no privilege, no host folder, and waits for the CA', () => {
  const { spec } = podTemplate(find(withOne, 'Deployment', 'tacho-puller'));
  const aggregator = podTemplate(find(withOne, 'Deployment', 'tacho-aggregator')).spec;
  expect(spec.securityContext).toEqual(aggregator.securityContext);
  expect(spec.containers[0].securityContext).toEqual(aggregator.containers[0].securityContext);
  expect(spec.containers[0].image).toBe(aggregator.containers[0].image);
  expect(JSON.stringify(spec)).not.toMatch(/hostPath|hostNetwork|requiredDuringScheduling/);
  expect(spec.volumes?.flatMap(({ projected }) => projected?.sources ?? [])).toEqual([
    { serviceAccountToken: { audience: 'tacho-aggregator', expirationSeconds: 3_600, path: 'token' } },
    { configMap: { name: 'tacho-aggregator-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  ]);
});

test('a network policy opens the port for reports to pullers too, and of a puller only its health', () => {
  const ingressOf = (name: string) =>
    (find(withOne, 'NetworkPolicy', name) as ChartObject & { spec: { ingress: { from?: object[] }[] } }).spec
      .ingress;
  const selected = podTemplate(find(withOne, 'Deployment', 'tacho-puller')).metadata.labels;
  expect(ingressOf('tacho-aggregator')[1]?.from).toContainEqual({ podSelector: { matchLabels: selected } });
  expect(ingressOf('tacho-puller')).toEqual([{ ports: [{ port: 'health' }] }]);
});

test('a puller finds the aggregator, its mounts and its name by its flags, and kubelets as the values say', async () => {
  const values = pullerValues(withOne);
  const { volumeMounts = [], ports } = specOf(withOne).containers[0];
  const trust = volumeMounts.find(({ name }) => name === 'trust')?.mountPath;
  expect(values).toMatchObject({
    ...{ aggregator: [`tacho-ingest.${namespace}.svc:10251`], 'puller-name': 'the-pod' },
    ...{ 'token-file': `${trust}/token`, 'aggregator-ca-file': `${trust}/ca.crt` },
    ...{ 'kubelet-insecure-tls': false, 'kubelet-use-node-status-port': true },
    ...{ 'kubelet-request-timeout': 10_000, 'kubelet-preferred-address-types': [] },
  });
  expect(specOf(withOne).automountServiceAccountToken).toBe(true);
  for (const flag of ['kubelet-token-file', 'kubelet-certificate-authority'])
    expect(values[flag]).toMatch(/^\/var\/run\/secrets\/kubernetes\.io\/serviceaccount\//);
  expect(ports).toEqual([{ name: 'health', containerPort: values['health-port'] }]);
  const kubelet = {
    ...{ insecureTLS: true, useNodeStatusPort: false, requestTimeout: '5s' },
    preferredAddressTypes: ['InternalIP', 'Hostname'],
  };
  const other = await render({ puller: { enabled: true, kubelet, args: ['--kubelet-port=10255'] } });
  expect(pullerValues(other)).toMatchObject({
    ...{ 'kubelet-insecure-tls': true, 'kubelet-use-node-status-port': false, 'kubelet-port': 10_255 },
    ...{
      'kubelet-request-timeout': 5_000,
      'kubelet-preferred-address-types': ['InternalIP', 'Hostname'],
    },
  });
});

test('a CA of the kubelets’ own is mounted where the flag looks for it', async () => {
  const files = await render({ puller: { enabled: true, kubelet: { certificateAuthority: 'kubelet-ca' } } });
  const { containers, volumes } = specOf(files);
  expect(volumes).toContainEqual({ name: 'kubelet-ca', configMap: { name: 'kubelet-ca' } });
  const mount = containers[0].volumeMounts?.find(({ name }) => name === 'kubelet-ca');
  expect(containers[0].args).toContain(`--kubelet-certificate-authority=${mount?.mountPath}/ca.crt`);
  expect(specOf(withOne).containers[0].args.join()).not.toContain('certificate-authority');
});
