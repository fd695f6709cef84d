import { expect, test } from 'vitest';
import { metricsIn } from './promql.ts';

test.each([
  ['max(a_total) - on() group_left() min(b)', ['a_total', 'b']],
  ['sum by (le, x) (rate(c_bucket{job="d",code=~"5.."}[5m])) > 0.05', ['c_bucket']],
  ['histogram_quantile(0.99, e_bucket) and f offset 1d', ['e_bucket', 'f']],
  ['g{h="i \\" } j"} - time() < 7 * 86400', ['g']],
  ['rate(k[$__rate_interval])', ['k']],
])('metricsIn() of %s', (expression, names) => {
  expect(metricsIn(expression)).toEqual(names);
});
