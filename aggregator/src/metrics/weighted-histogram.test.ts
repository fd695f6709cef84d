import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { WeightedHistogram } from './weighted-histogram.ts';

const options = { name: 'age_seconds', help: 'Age.', buckets: [1, 2.5, 5] };

test('WeightedHistogram prints what prom-client’s own does for the same observations one by one', async () => {
  await fc.assert(
    fc.asyncProperty(
      // Of quarters the sum is exact, in whatever order they are added.
      fc.array(fc.tuple(fc.integer({ min: -4, max: 40 }), fc.nat(20))),
      async (observations) => {
        const [weighted, own] = [new Registry(), new Registry()];
        const mine = new WeightedHistogram(weighted, options);
        const theirs = new Histogram({ ...options, registers: [own] });
        for (const [quarters, count] of observations) {
          mine.observe(quarters / 4, count);
          for (let each = 0; each < count; each += 1) theirs.observe(quarters / 4);
        }
        expect(await weighted.metrics()).toBe(await own.metrics());
      },
    ),
    { numRuns: 50 },
  );
});

test('WeightedHistogram does not count what is no number, nor less than one of it', async () => {
  const register = new Registry();
  const histogram = new WeightedHistogram(register, options);
  histogram.observe(Number.NaN);
  histogram.observe(1, 0);
  histogram.observe(1, -1);
  histogram.observe(1, Number.NaN);
  expect(await register.metrics()).toMatch(/^age_seconds_count 0$/m);
});
