import { type FlagTable, parseCommandLine, text } from '@tacho/command-line';
import { expect, test } from 'vitest';
import { agentFlags, flagRelations as agentRelations } from '../../agent/src/flags.ts';
import { aggregatorFlags, flagRelations as aggregatorRelations } from '../../aggregator/src/flags.ts';
import { agentRuntime } from '../../image/agent-runtime.ts';
import { find, namespace, type RenderedFile, render } from './chart.ts';
import { type ChartVolume, type PodTemplate, podTemplate } from './pod-template.ts';

/** What the downward API puts into the environment. */
const fields: Readonly<Record<string, string>> = {
  'spec.nodeName': 'node-1',
  'metadata.namespace': namespace,
  'status.podIP': '10.1.2.3',
  'status.hostIP': '192.168.0.1',
};

/** The flags of a program as it would read them in a pod. @throws with its own words where it would not start */
function valuesInPod(
  { spec }: PodTemplate,
  flags: FlagTable,
  relations: (values: never) => readonly string[],
): Readonly<Record<string, unknown>> {
  const { args, env } = spec.containers[0];
  const variables = env.map(({ name, value, valueFrom }) => [
    name,
    value ?? fields[valueFrom?.fieldRef.fieldPath ?? ''],
  ]);
  // Every program has this flag beside its own table.
  const table: FlagTable = { ...flags, 'log-level': text({ help: '', default: 'info' }) };
  const line = parseCommandLine(table, args, Object.fromEntries(variables), (values) =>
    relations(values as never),
  );
  if (line.kind !== 'run') throw new Error(JSON.stringify(line));
  return line.values;
}

const agentPod = (files: readonly RenderedFile[]) => podTemplate(find(files, 'DaemonSet', 'tacho-agent'));
const aggregatorPod = (files: readonly RenderedFile[]) =>
  podTemplate(find(files, 'Deployment', 'tacho-aggregator'));
const agentValues = (files: readonly RenderedFile[]) =>
  valuesInPod(agentPod(files), agentFlags('the-host'), agentRelations);
const aggregatorValues = (files: readonly RenderedFile[]) =>
  valuesInPod(aggregatorPod(files), aggregatorFlags, aggregatorRelations);

const portsOf = (files: readonly RenderedFile[], service: string) =>
  (find(files, 'Service', service)['spec'] as { ports: { port: number; targetPort: string }[] }).ports;

const files = await render();

test('agent and aggregator start from what the image has', () => {
  const { nodeFlags, env } = agentRuntime;
  const [agent] = agentPod(files).spec.containers;
  expect(agent.command).toEqual(['node', ...nodeFlags, '/opt/tacho/agent.js']);
  const given = agent.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
  expect(Object.fromEntries(given)).toEqual(env);
  expect(aggregatorPod(files).spec.containers[0].command).toEqual(['node', '/opt/tacho/aggregator.js']);
});

test('an agent finds the aggregator, its node and its mounts by its flags', () => {
  const values = agentValues(files);
  const { volumes = [], containers } = agentPod(files).spec;
  const mountOf = (isMounted: (volume: ChartVolume) => boolean) =>
    containers[0].volumeMounts?.find(({ name }) => name === volumes.find(isMounted)?.name)?.mountPath;
  const [ingestPort] = portsOf(files, 'tacho-ingest');
  expect(values).toMatchObject({
    aggregator: [`tacho-ingest.${namespace}.svc:${ingestPort?.port}`],
    'node-name': 'node-1',
    'cgroup-root': mountOf(({ hostPath }) => hostPath?.path === '/sys/fs/cgroup'),
    'container-logs': mountOf(({ hostPath }) => hostPath?.path === '/var/log/containers'),
  });
  const trust = mountOf(({ projected }) => projected !== undefined);
  const sources = volumes.flatMap(({ projected }) => projected?.sources ?? []);
  const token = sources.find(({ serviceAccountToken }) => serviceAccountToken)?.serviceAccountToken;
  const ca = sources.find(({ configMap }) => configMap)?.configMap;
  expect(values).toMatchObject({
    'token-file': `${trust}/${token?.path}`,
    'aggregator-ca-file': `${trust}/${ca?.items[0]?.path}`,
  });
  expect(aggregatorValues(files)).toMatchObject({ 'agent-audience': token?.audience });
});

test('the aggregator’s flags name the objects of the chart', () => {
  expect(aggregatorValues(files)).toMatchObject({
    'tls-cert-file': undefined,
    'cert-dir': undefined,
    namespace,
    service: find(files, 'Service', 'tacho-aggregator').metadata.name,
    'ingest-service': find(files, 'Service', 'tacho-ingest').metadata.name,
    'tls-secret': find(files, 'Secret', 'tacho-aggregator-tls').metadata.name,
    'ca-config-map': find(files, 'ConfigMap', 'tacho-aggregator-ca').metadata.name,
    'agent-service-account': `${namespace}/${agentPod(files).spec.serviceAccountName}`,
  });
});

test('each APIService leads by its Service to the port that the aggregator serves it on', () => {
  const values = aggregatorValues(files);
  const containerPorts = aggregatorPod(files).spec.containers[0].ports;
  expect(containerPorts).toEqual([
    { name: 'https', containerPort: values['secure-port'] },
    { name: 'ingest', containerPort: values['ingest-port'] },
  ]);
  for (const version of ['v1', 'v1beta1']) {
    expect(find(files, 'APIService', `${version}.metrics.k8s.io`)['spec']).toMatchObject({
      group: 'metrics.k8s.io',
      version,
      service: { name: 'tacho-aggregator', namespace, port: 443 },
    });
  }
  expect(portsOf(files, 'tacho-aggregator')).toMatchObject([{ port: 443, targetPort: 'https' }]);
  // Of a headless Service a client gets the pods' addresses: its port must be the container's.
  expect(portsOf(files, 'tacho-ingest')).toEqual([
    { name: 'ingest', port: values['ingest-port'], targetPort: 'ingest' },
  ]);
});

test('an agent’s probes ask the port and paths that it serves, and nothing else is a port of its pod', async () => {
  const [container] = agentPod(files).spec.containers;
  expect(container.ports).toEqual([{ name: 'health', containerPort: agentValues(files)['health-port'] }]);
  expect(container).toMatchObject({
    livenessProbe: { httpGet: { path: '/livez', port: 'health' } },
    readinessProbe: { httpGet: { path: '/readyz', port: 'health' } },
  });
});

test('an agent’s debug endpoint is on its pod’s own 127.0.0.1, and off on the node’s unless asked for', async () => {
  expect(agentPod(files).spec).not.toHaveProperty('hostNetwork');
  expect(agentValues(files)).toMatchObject({ 'debug-port': undefined, 'debug-bind-address': '127.0.0.1' });
  const { env } = agentPod(files).spec.containers[0];
  const addresses = env.flatMap(({ name, valueFrom }) =>
    valueFrom?.fieldRef.fieldPath.startsWith('status.') ? [[name, valueFrom.fieldRef.fieldPath]] : [],
  );
  expect(addresses).toEqual([
    ['POD_IP', 'status.podIP'],
    ['HOST_IP', 'status.hostIP'],
  ]);
  for (const port of [0, 12_345])
    expect(agentValues(await render({ agent: { debugPort: port } }))).toMatchObject({ 'debug-port': port });
});

test('a pod’s grace period is longer than its program takes to end', () => {
  const delayMs = aggregatorValues(files)['shutdown-delay-duration'];
  expect(delayMs).toBe(5_000);
  expect(aggregatorPod(files).spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(5_000 + 10_000);
  // stopMs in agent/src/main.ts.
  expect(agentPod(files).spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(3_000);
});

test('an image has the chart’s version without a tag, its digest before its tag, and no secrets unless named', async () => {
  const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
  const imagePullSecrets = [{ name: 'my-registry' }, { name: 'another' }];
  const other = await render({ image: { tag: '9.9.9', digest }, imagePullSecrets });
  for (const podOf of [agentPod, aggregatorPod]) {
    expect(podOf(files).spec.containers[0].image).toBe('tacho:0.1.0');
    expect(podOf(files).spec).not.toHaveProperty('imagePullSecrets');
    expect(podOf(other).spec.containers[0].image).toBe(`tacho@${digest}`);
    expect(podOf(other).spec.imagePullSecrets).toEqual(imagePullSecrets);
  }
});

test('values reach the flags, node selectors and tolerations that they are for', async () => {
  const other = await render({
    metricResolution: '15s',
    window: '1m',
    logLevel: 'debug',
    image: { repository: 'ignored', tag: '9.9.9', pullPolicy: 'Never' },
    aggregator: { replicas: 3, nodeSelector: { pool: 'system' }, tolerations: [{ key: 'system' }] },
    agent: { nodeSelector: { pool: 'all' }, tolerations: [] },
  });
  expect(aggregatorValues(other)).toMatchObject({
    'metric-resolution': 15_000,
    window: 60_000,
    'log-level': 'debug',
  });
  expect(agentValues(other)).toMatchObject({ 'log-level': 'debug' });
  for (const pod of [aggregatorPod(other), agentPod(other)]) {
    expect(pod.spec.containers[0]).toMatchObject({ image: 'tacho:9.9.9', imagePullPolicy: 'Never' });
  }
  expect(find(other, 'Deployment', 'tacho-aggregator')).toHaveProperty('spec.replicas', 3);
  expect(aggregatorPod(other).spec).toMatchObject({
    nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'system' },
    tolerations: [{ key: 'system' }],
  });
  expect(agentPod(other).spec).toMatchObject({ nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'all' } });
  expect(agentPod(other).spec).not.toHaveProperty('tolerations');
});
