import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('backoffMs() doubles from 100 ms to 1 s', () => {
  expect([1, 2, 3, 4, 5, 50].map((failures) => backoffMs(failures, 1))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ]);
});

test('backoffMs() is never below half of its ceiling and never above 1 s', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5, max: 1e9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, random) => {
        expect(backoffMs(failures, random)).toBeGreaterThanOrEqual(50);
        expect(backoffMs(failures, random)).toBeLessThanOrEqual(1000);
      },
    ),
  );
});
