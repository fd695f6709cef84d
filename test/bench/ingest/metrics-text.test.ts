import { expect, test } from 'vitest';
import { metricValue } from './metrics-text.ts';

const page = '# TYPE up gauge\nup 1\nup_since 7\nreports_total{result="accepted"} 12.5 1700000000\n';

test.each([
  ['up', 1],
  ['reports_total{result="accepted"}', 12.5],
])('metricValue() of %s is %d', (series, value) => expect(metricValue(page, series)).toBe(value));

test('metricValue() throws for a series that is not there', () => {
  expect(() => metricValue(page, 'reports_total')).toThrow('expected the series reports_total');
});
