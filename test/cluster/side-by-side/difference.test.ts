import { expect, test } from 'vitest';
import { differencesOf, treesDiffer } from './difference.ts';
import type { Answer } from './exchange.ts';
import { asked } from './requests/request-table.ts';

const request = asked('/apis/metrics.k8s.io/{version}/pods');

function answer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const all = Object.entries({ 'content-type': 'application/json', ...headers });
  return {
    status,
    headers: Object.fromEntries(all.map(([name, value]) => [name, [value]])),
    body: Buffer.from(body).toString('base64'),
    cut: false,
  };
}

const wheres = (ours: Answer, theirs: Answer) =>
  differencesOf(request, { tacho: ours, metricsServer: theirs }).map(({ where }) => where);

test('differencesOf() finds none where only instants, values and the order of containers differ', () => {
  const item = (time: string, cpu: string, ...names: string[]) =>
    `{"items":[{"timestamp":"${time}","window":"${cpu === '1' ? '10s' : '9.5s'}","containers":[${names
      .map((name) => `{"name":"${name}","usage":{"cpu":"${cpu}"}}`)
      .join()}]}]}`;
  const ours = answer(200, item('2026-01-01T00:00:00Z', '1', 'a', 'b'), { date: 'now' });
  expect(wheres(ours, answer(200, item('2026-01-01T00:00:09Z', '123n', 'b', 'a')))).toEqual([]);
});

test('differencesOf() does not take for an instant what is none', () => {
  const at = (time: string) => answer(200, `{"timestamp":"${time}"}`);
  expect(wheres(at('2026-01-01T00:00:00.5Z'), at('2026-01-01T00:00:00Z'))).toEqual(['body .timestamp']);
});

test('differencesOf() says only the status where this differs', () => {
  expect(wheres(answer(200, '{}', { vary: 'a' }), answer(404, '{"kind":"Status"}'))).toEqual(['status']);
});

test('differencesOf() finds headers, the form of JSON and what it says', () => {
  const ours = answer(200, '{"a":1}\n', { vary: 'Accept' });
  expect(wheres(ours, answer(200, '{\n  "a": 2\n}'))).toEqual([
    ...['header vary', 'form indented', 'form endsWithNewline', 'body .a'],
  ]);
});

test('differencesOf() reads YAML whatever its style', () => {
  const yaml = (text: string) => answer(200, text, { 'content-type': 'application/yaml' });
  expect(wheres(yaml('a: "b c"\nd: 1\n'), yaml("d: 1\na: 'b\n  c'\n"))).toEqual([]);
  expect(wheres(yaml('a: "1"\n'), yaml('a: 1\n'))).toEqual(['body .a']);
});

test('differencesOf() counts it as the same when neither answers', () => {
  const neither = { tacho: { problem: 'reset' }, metricsServer: { problem: 'closed' } };
  expect(differencesOf(request, neither)).toEqual([]);
  expect(differencesOf(request, { ...neither, tacho: answer(200, '') })).toMatchObject([
    { where: 'problem', tacho: '200', metricsServer: 'closed' },
  ]);
});

test('treesDiffer() knows elements by their names', () => {
  const ours = { versions: [{ version: 'v1' }, { version: 'v1beta1', kind: 'a' }] };
  expect(treesDiffer('', ours, { versions: [{ version: 'v1beta1', kind: 'b' }] })).toEqual([
    { where: '.versions[v1]', tacho: '{"version":"v1"}', metricsServer: '(absent)' },
    { where: '.versions[v1beta1].kind', tacho: 'a', metricsServer: 'b' },
  ]);
});

test('treesDiffer() sees another order of keys', () => {
  expect(treesDiffer('', { a: 1, b: 2 }, { b: 2, a: 1 })).toEqual([
    { where: ' order', tacho: '.a,.b', metricsServer: '.b,.a' },
  ]);
});
