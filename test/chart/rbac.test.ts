import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { type ChartObject, namespace, render } from './chart.ts';
import { grantedRights } from './granted-rights.ts';
import { readModes } from './modes.ts';
import { parseRightsTable, type Right, rightsSections } from './rbac-table.ts';

const objects = (await render()).flatMap((file) => file.objects);
const page = await readFile(join(import.meta.dirname, '../../docs/rbac.md'), 'utf8');
const sections = rightsSections(page);
const document = sections.get('') ?? '';

/** One line for each right, in an order of its own, so that a difference names the right. */
const lines = (rights: readonly Right[]) =>
  rights
    .map(({ actor, group, object, names, where, verbs, grantedBy }) =>
      [actor, group, object, names.join('+') || 'any', where, verbs.join('+'), grantedBy].join(' | '),
    )
    .sort();

/** The lines that these values add to those of the default ones. */
async function added(values: object): Promise<readonly string[]> {
  const before = new Set(lines(grantedRights(objects)));
  const rights = grantedRights((await render(values)).flatMap((file) => file.objects));
  return lines(rights).filter((line) => !before.has(line));
}

/** Of `a.b=c` the values. */
function valuesOf(set: string): object {
  const [path = '', value = ''] = set.split('=');
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), load(value)) as object;
}

test('docs/rbac.md lists exactly the rights that the chart grants', () => {
  expect(lines(parseRightsTable(document))).toEqual(lines(grantedRights(objects)));
});

const withValue = [...sections].filter(([set]) => set !== '');

test.each(withValue)('docs/rbac.md lists exactly the rights that %s adds', async (set, section) => {
  expect(lines(parseRightsTable(section))).toEqual(await added(valuesOf(set)));
});

test.each(await readModes())('docs/rbac.md has every right of the mode $name', async ({ values }) => {
  const told = new Set(withValue.flatMap(([, section]) => lines(parseRightsTable(section))));
  // The accounts of metricsReaders have names of the user's own.
  const others = (await added({ ...values, metricsReaders: [] })).filter((line) => !told.has(line));
  expect(others).toEqual([]);
});

test('rightsSections() finds what is only with a value', () => {
  expect([...sections.keys()]).toEqual(['', 'agent.identity=api', 'puller.enabled=true']);
  expect([...rightsSections('a\n## b\nc\n## With `d=e`\nf\n## g\n')].map(([set]) => set)).toEqual([
    '',
    'd=e',
  ]);
});

test('grantedRights() finds a verb, a resource, a subject and a binding more than the table has', () => {
  const written = lines(parseRightsTable(document));
  const edit = (kind: string, name: string, change: (text: string) => string) =>
    objects.map((object) =>
      object.kind === kind && object.metadata.name === name
        ? (JSON.parse(change(JSON.stringify(object))) as ChartObject)
        : object,
    );
  const edits = [
    edit('Role', 'tacho-aggregator', (text) => text.replace('"update"', '"update","create"')),
    edit('ClusterRole', 'tacho-aggregator', (text) => text.replace('"pods"', '"pods","secrets"')),
    edit('RoleBinding', 'tacho-aggregator', (text) =>
      text.replace(
        '"subjects":[',
        `"subjects":[{"kind":"ServiceAccount","name":"tacho-agent","namespace":"${namespace}"},`,
      ),
    ),
    edit('RoleBinding', 'tacho-aggregator-authentication-reader', (text) =>
      text.replace('"kube-system"', '"default"'),
    ),
  ];
  for (const edited of edits) expect(lines(grantedRights(edited))).not.toEqual(written);
});

test('the agent is the subject of no binding', () => {
  const bindings = objects.filter(({ kind }) => kind.endsWith('RoleBinding'));
  expect(bindings.length).toBeGreaterThan(0);
  expect(JSON.stringify(bindings)).not.toContain('tacho-agent');
});

test('nothing may be created but reviews, and nothing deleted, escalated or impersonated', () => {
  const rights = grantedRights(objects);
  const creating = rights.filter(({ verbs }) => verbs.includes('create')).map(({ object }) => object);
  expect(creating.sort()).toEqual(['subjectaccessreviews', 'tokenreviews']);
  const verbs = new Set(rights.flatMap((right) => right.verbs));
  expect([...verbs].sort()).toEqual(['create', 'get', 'list', 'patch', 'update', 'watch']);
});

test('what may be changed is limited by name', () => {
  const changing = grantedRights(objects).filter(({ verbs }) => /patch|update/.test(verbs.join()));
  expect(changing).toHaveLength(3);
  for (const { names } of changing) expect(names).not.toEqual([]);
});

test.each(['cert-manager', 'existingSecret'])(
  'with tls.type=%s the aggregator may neither read Secrets nor write anything',
  async (type) => {
    const given = type === 'existingSecret' ? { apiService: { caBundle: 'PEM' } } : {};
    const values = { tls: { type, existingSecret: { name: 'mine' } }, ...given };
    const rights = grantedRights((await render(values)).flatMap((file) => file.objects));
    const all = new Set(lines(grantedRights(objects)));
    expect(lines(rights).filter((right) => !all.has(right))).toEqual([]);
    expect(rights.filter(({ object }) => ['secrets', 'apiservices'].includes(object))).toEqual([]);
    expect(rights.flatMap(({ verbs }) => verbs).filter((verb) => /patch|update/.test(verb))).toEqual([]);
  },
);

test('metricsReaders may get /metrics, and nothing else', async () => {
  const readers = [{ namespace: 'other', name: 'prometheus' }];
  const rights = grantedRights((await render({ metricsReaders: readers })).flatMap((file) => file.objects));
  expect(rights.filter(({ actor }) => actor === 'ServiceAccount other/prometheus')).toEqual([
    {
      ...{ actor: 'ServiceAccount other/prometheus', group: 'path', object: '/metrics', names: [] },
      ...{ where: 'cluster', verbs: ['get'], grantedBy: 'ClusterRole tacho-own-metrics-reader' },
    },
  ]);
});

test('parseRightsTable() refuses a line without a reason', () => {
  const table = '| a |\n|---|\n| x | core | pods | | cluster | list | Role x | |';
  expect(() => parseRightsTable(table)).toThrow('expected a reason');
});
