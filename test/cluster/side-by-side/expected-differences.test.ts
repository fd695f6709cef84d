import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectationOf, expectedDifferences } from './expected-differences.ts';
import { asked } from './requests/request-table.ts';

const page = readFileSync(
  new URL('../../../docs/differences-from-metrics-server.md', import.meta.url),
  'utf8',
).replaceAll(/\s+/g, ' ');

test.each(expectedDifferences.map(({ why }) => why))('the page on differences says: %s', (why) => {
  expect(page).toContain(why);
});

test('every expected difference is told by something', () => {
  for (const { why, where, title, tacho, metricsServer } of expectedDifferences)
    expect(
      [where, title, tacho, metricsServer].some((pattern) => pattern !== undefined),
      why,
    ).toBe(true);
});

const request = asked('/apis/metrics.k8s.io/{version}/pods');
const difference = { request, title: 'GET /apis/metrics.k8s.io/{version}/pods as somebody' };

test('expectationOf() finds swap in a usage', () => {
  const swap = { ...difference, where: 'body .items[a].containers[b].usage.swap', tacho: '<quantity>' };
  expect(expectationOf({ ...swap, metricsServer: '(absent)' })?.why).toContain('`swap`');
});

test.each(['status', 'body .items[a].containers[b].usage.cpu', 'header content-type', 'body .items order'])(
  'expectationOf() has nothing for %s of a list',
  (where) => {
    expect(expectationOf({ ...difference, where, tacho: 'a', metricsServer: 'b' })).toBeUndefined();
  },
);
