import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ContainerRow } from './container-rows.ts';
import { chosenRows, type RowChoice, type SortColumn, startsDescending } from './row-order.ts';

const all: RowChoice = { column: 'cpuNanocores', descending: true, filter: '', show: 'all' };
const row = (container: string, values: Partial<ContainerRow> = {}): ContainerRow => ({
  key: container,
  namespace: 'default',
  pod: 'web',
  container,
  restarts: 0,
  reported: true,
  state: 'reported',
  ...values,
});
const names = (rows: readonly ContainerRow[]) => rows.map(({ container }) => container);

test('chosenRows() puts what is not known last in either direction, and a zero where it belongs', () => {
  const rows = [row('none'), row('zero', { cpuNanocores: 0 }), row('much', { cpuNanocores: 9 })];
  expect(names(chosenRows(rows, all))).toEqual(['much', 'zero', 'none']);
  expect(names(chosenRows(rows, { ...all, descending: false }))).toEqual(['zero', 'much', 'none']);
});

test('chosenRows() finds rows that have every word somewhere, whatever the case', () => {
  const rows = [row('app', { namespace: 'shop' }), row('envoy', { state: 'memory-absent' })];
  expect(names(chosenRows(rows, { ...all, filter: ' SHOP web ' }))).toEqual(['app']);
  expect(names(chosenRows(rows, { ...all, filter: 'absent' }))).toEqual(['envoy']);
  expect(chosenRows(rows, { ...all, filter: 'shop absent' })).toEqual([]);
});

test('chosenRows() shows only what is asked for', () => {
  const rows = [
    row('gone', { reported: false, state: 'first' }),
    row('slow', { throttledPercent: 2 }),
    row('tight', { pressurePercent: 30, throttledPercent: 0 }),
  ];
  const shown = (show: RowChoice['show']) => names(chosenRows(rows, { ...all, show }));
  expect([shown('unreported'), shown('throttled'), shown('pressure')]).toEqual([
    ['gone'],
    ['slow'],
    ['tight'],
  ]);
});

test('chosenRows() gives the same order whatever order the rows come in', () => {
  const rows = fc.uniqueArray(
    fc.record({ key: fc.string(), pod: fc.constantFrom('a', 'b'), cpu: fc.option(fc.nat(3)) }),
    { selector: ({ key }) => key },
  );
  fc.assert(
    fc.property(rows, fc.constantFrom<SortColumn>('pod', 'cpuNanocores', 'state'), (drawn, column) => {
      const made = drawn.map(({ key, pod, cpu }) =>
        row('c', { key, pod, ...(cpu === null ? {} : { cpuNanocores: cpu }) }),
      );
      const choice = { ...all, column };
      expect(chosenRows(made.toReversed(), choice)).toEqual(chosenRows(made, choice));
    }),
  );
});

test('startsDescending() begins numbers with the largest and names with the first', () => {
  expect((['pod', 'state', 'memoryBytes', 'restarts'] as const).map(startsDescending)).toEqual([
    false,
    false,
    true,
    true,
  ]);
});
