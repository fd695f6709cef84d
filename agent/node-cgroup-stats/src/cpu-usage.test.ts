import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCpuUsage, elapsedNanoseconds } from './cpu-usage.ts';
import { parseCpuacctUsage } from './cpuacct-usage.ts';

const usageOf = (nanoseconds: bigint) => {
  const usage = createCpuUsage();
  const text = Buffer.from(`${nanoseconds}\n`);
  parseCpuacctUsage(text, text.length, usage);
  return usage;
};

it('elapsedNanoseconds() is exact for any two counters less than 104 days of CPU time apart', () => {
  const counter = fc.bigInt({ min: 0n, max: 2n ** 64n - 2n ** 53n - 1n });
  fc.assert(
    fc.property(counter, fc.bigInt({ min: 0n, max: 2n ** 53n }), (from, elapsed) => {
      const [before, after] = [usageOf(from), usageOf(from + elapsed)];
      return (
        elapsedNanoseconds(before, after) === Number(elapsed) &&
        (elapsed === 0n || elapsedNanoseconds(after, before) === -Number(elapsed))
      );
    }),
    { numRuns: 1000 },
  );
});

it('elapsedNanoseconds() sees one nanosecond where two doubles would be equal', () => {
  const long = 2n ** 60n;
  expect(Number(long)).toBe(Number(long + 1n));
  expect(elapsedNanoseconds(usageOf(long), usageOf(long + 1n))).toBe(1);
});

it('elapsedNanoseconds() is NaN when one counter is not known', () => {
  expect(elapsedNanoseconds(createCpuUsage(), usageOf(5n))).toBeNaN();
  expect(elapsedNanoseconds(usageOf(5n), createCpuUsage())).toBeNaN();
});
