import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chartFolder, helm, namespace, readValues, render } from './chart.ts';
import { commentsOf, valuesTable } from './values-table.ts';
import { leaves, usedValues } from './values-tree.ts';

const values = await readValues();
const valuesText = await readFile(join(chartFolder, 'values.yaml'), 'utf8');
const [used, declared] = [await usedValues(), await leaves()];

test('values.yaml declares exactly the values that the templates use', () => {
  expect(declared.toSorted()).toEqual([...used].sort());
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}

test('values.schema.json knows exactly the values of values.yaml', async () => {
  const known = (schema: Schema, prefix = ''): string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
      inner.properties ? known(inner, `${prefix}${key}.`) : [prefix + key],
    );
  const schema = JSON.parse(await readFile(join(chartFolder, 'values.schema.json'), 'utf8')) as Schema;
  // Helm itself hands this one to a chart that another chart contains.
  expect(
    known(schema)
      .filter((path) => path !== 'global')
      .sort(),
  ).toEqual(declared.toSorted());
});

test('values.yaml explains every key above it', () => {
  const comments = commentsOf(valuesText);
  const keys = declared.flatMap((path) =>
    path.split('.').map((_, depth, all) => all.slice(0, depth + 1).join('.')),
  );
  expect(keys.filter((key) => !comments.has(key))).toEqual([]);
});

test('README.md has the table of values.yaml, as `npm run generate` writes it', async () => {
  const readme = await readFile(join(chartFolder, 'README.md'), 'utf8');
  expect(readme).toContain(`-->\n\n${valuesTable(valuesText, values, declared)}\n<!--`);
});

const nested = (path: string, value: unknown) =>
  path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;

test.each(declared.map((path) => `${path}x`))('the schema refuses %s', async (path) => {
  await expect(render(nested(path, 'typo'))).rejects.toThrow(/additional properties '\w+x' not allowed/);
});

test.each([
  ['image.digest', 'sha256:abc'],
  ['image.digest', 'a'.repeat(64)],
  ['image.pullPolicy', 'Sometimes'],
  ['imagePullSecrets', ['my-registry']],
  ['imagePullSecrets', [{ name: '' }]],
  ['metricResolution', '5'],
  ['metricResolution', ''],
  ['window', '10 s'],
  ['logLevel', 'verbose'],
  ['networkPolicy.enabled', 'yes'],
  ['aggregator.replicas', 0],
  ['aggregator.replicas', 16],
  ['aggregator.replicas', '2'],
  ['aggregator.resources', { request: { cpu: '1' } }],
  ['agent.identity', 'auto'],
  ['agent.tolerations', { operator: 'Exists' }],
  ['agent.tolerations', [{ operators: 'Exists' }]],
  ['agent.nodeSelector', { pool: true }],
  ['commonLabels', { 'app.kubernetes.io/name': 'other' }],
  ['serviceMonitor.additionalLabels', { 'app.kubernetes.io/instance': 'prometheus' }],
  ['aggregator.podLabels', { 'app.kubernetes.io/component': 'agent' }],
  ['aggregator.containerPort', 0],
  ['aggregator.args', '--v=4'],
  ['apiService.versions', ['v2']],
  ['apiService.versions', ['v1', 'v1']],
  ['service.ipFamilyPolicy', 'Dual'],
  ['service.ipFamilies', ['ipv4']],
  ['tls.type', 'helm'],
  ['tls.certManager.existingIssuer.kind', 'Other'],
  ['metricsReaders', [{ name: 'prometheus' }]],
  ['serviceMonitor.interval', 'often'],
])('the schema refuses %s=%j', async (path, value) => {
  await expect(render(nested(path, value))).rejects.toThrow("values don't meet the specifications");
});

test('the schema lets Helm hand over its global values', async () => {
  await expect(render({ global: { region: 'north' } })).resolves.not.toEqual([]);
});

test('without a name of the image Helm refuses, and says what to do', async () => {
  const withoutName = helm(['template', 'tacho', chartFolder, '--namespace', namespace]);
  await expect(withoutName).rejects.toThrow(/image\.repository is not set.*npm run image/);
});
