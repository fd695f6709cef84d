import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ChartObject, namespace, render } from './chart.ts';
import { grantedRights } from './granted-rights.ts';
import { parseRightsTable, type Right } from './rbac-table.ts';

const objects = (await render()).flatMap((file) => file.objects);
const document = await readFile(join(import.meta.dirname, '../../docs/rbac.md'), 'utf8');

/** One line for each right, in an order of its own, so that a difference names the right. */
const lines = (rights: readonly Right[]) =>
  rights
    .map(({ actor, group, object, names, where, verbs, grantedBy }) =>
      [actor, group, object, names.join('+') || 'any', where, verbs.join('+'), grantedBy].join(' | '),
    )
    .sort();

test('docs/rbac.md lists exactly the rights that the chart grants', () => {
  expect(lines(parseRightsTable(document))).toEqual(lines(grantedRights(objects)));
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

test('parseRightsTable() refuses a line without a reason', () => {
  const table = '| a |\n|---|\n| x | core | pods | | cluster | list | Role x | |';
  expect(() => parseRightsTable(table)).toThrow('expected a reason');
});
