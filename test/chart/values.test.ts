import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chartFolder, helm, namespace, readValues, render } from './chart.ts';

const values = await readValues();
const valuesText = await readFile(join(chartFolder, 'values.yaml'), 'utf8');
const templates = await Promise.all(
  (await readdir(join(chartFolder, 'templates'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
);
const used = new Set(templates.join('\n').match(/(?<=\.Values\.)[\w.]+/g));

/** Paths of a tree, such as `image.tag`; does not look into what `stop` says is one value. */
function paths(tree: unknown, stop: (path: string) => boolean, prefix = ''): string[] {
  return Object.entries(tree as Record<string, unknown>).flatMap(([key, value]) => {
    const path = prefix + key;
    const inner = typeof value === 'object' && value !== null && !Array.isArray(value) && !stop(path);
    return inner ? paths(value, stop, `${path}.`) : [path];
  });
}

const declared = paths(values, (path) => used.has(path));

test('values.yaml declares exactly the values that the templates use', () => {
  expect(declared.sort()).toEqual([...used].sort());
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
  ).toEqual(declared);
});

test('values.yaml explains every key above it', () => {
  const lines = valuesText.split('\n');
  const keys = declared.flatMap((path) => path.split('.').map((_, depth, all) => all.slice(0, depth + 1)));
  for (const key of keys) {
    const indent = '  '.repeat(key.length - 1);
    const at = lines.findIndex((line, index) => {
      const parent = key.length === 1 ? undefined : lines.lastIndexOf(`${key[0]}:`, index);
      return line.startsWith(`${indent}${key.at(-1)}:`) && parent !== -1;
    });
    expect(lines[at - 1], key.join('.')).toMatch(/^ *# \S/);
  }
});

test('README.md lists every value with its default', async () => {
  const readme = await readFile(join(chartFolder, 'README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| `([\w.]+)` \| `(.*?)` \|/gm)].map(([, path, text = '']) => [
    path,
    JSON.parse(text),
  ]);
  const at = (path: string) =>
    path.split('.').reduce<unknown>((tree, key) => (tree as Record<string, unknown>)[key], values);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(declared.map((path) => [path, at(path)])));
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
  ['aggregator.replicas', 0],
  ['aggregator.replicas', 16],
  ['aggregator.replicas', '2'],
  ['aggregator.resources', { request: { cpu: '1' } }],
  ['agent.identity', 'auto'],
  ['agent.tolerations', { operator: 'Exists' }],
  ['agent.tolerations', [{ operators: 'Exists' }]],
  ['agent.nodeSelector', { pool: true }],
])('the schema refuses %s=%j', async (path, value) => {
  await expect(render(nested(path, value))).rejects.toThrow("values don't meet the specifications");
});

test('the schema lets Helm hand over its global values', async () => {
  await expect(render({ global: { region: 'north' } })).resolves.not.toEqual([]);
});

test('helm lint --strict finds nothing', async () => {
  await expect(helm(['lint', '--strict', chartFolder, '--set', 'image.repository=tacho'])).resolves.toContain(
    '0 chart(s) failed',
  );
});

test('without a name of the image Helm refuses, and says what to do', async () => {
  const withoutName = helm(['template', 'tacho', chartFolder, '--namespace', namespace]);
  await expect(withoutName).rejects.toThrow(/image\.repository is not set.*npm run image/);
});
