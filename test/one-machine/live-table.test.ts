import { expect, test } from 'vitest';
import { liveTable, quantityValue } from './live-table.ts';

test.each([
  ['250m', 0.25],
  ['1500n', 1.5e-6],
  ['2', 2],
  ['128Mi', 134_217_728],
  ['1k', 1000],
])('quantityValue() of "%s" is %d', (text, value) => expect(quantityValue(text)).toBeCloseTo(value, 12));

test.each(['', '-1', '1x', 'm'])('quantityValue() refuses "%s"', (text) =>
  expect(quantityValue(text)).toBeNaN(),
);

test('liveTable() shows nodes and containers with the age of their sample', () => {
  const timestamp = '2026-11-22T12:00:00Z';
  const nowMs = Date.parse(timestamp) + 2_500;
  const shown = liveTable(
    [{ metadata: { name: 'here' }, timestamp, window: '10s', usage: { cpu: '1250000001n', memory: '1Gi' } }],
    [
      {
        metadata: { namespace: 'default', name: 'memory' },
        timestamp,
        window: '4.5s',
        containers: [{ name: 'main', usage: { cpu: '0', memory: '135300Ki' } }],
      },
    ],
    nowMs,
  );
  expect(shown.split('\n')).toEqual([
    'NODE    CPU    MEMORY  WINDOW   AGE',
    'here  1251m  1024.0Mi     10s  2.5s',
    '',
    'NAMESPACE  POD     CONTAINER  CPU   MEMORY  WINDOW   AGE',
    'default    memory  main        0m  132.1Mi    4.5s  2.5s',
  ]);
});

test('liveTable() says so when there is nothing yet', () => {
  expect(liveTable([], [], 0)).toContain('no report of this node yet');
  expect(liveTable([], [], 0)).toContain('no pods to show');
});
