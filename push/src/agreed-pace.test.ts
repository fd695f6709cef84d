import { expect, test } from 'vitest';
import { agreedPace } from './agreed-pace.ts';

const pace = (periodSec: number, windowSec: number) => ({
  periodUsec: periodSec * 1_000_000,
  windowUsec: windowSec * 1_000_000,
});

test('agreedPace() is the longest period and the longest window that a replica asks for', () => {
  expect(agreedPace([pace(5, 10)])).toEqual(pace(5, 10));
  expect(agreedPace([pace(5, 30), pace(20, 10), pace(10, 10)])).toEqual(pace(20, 30));
});

test('agreedPace() has no window shorter than the period', () => {
  expect(agreedPace([pace(40, 10)])).toEqual(pace(40, 40));
});

test.each([
  pace(0.5, 10),
  pace(3_601, 3_601),
  pace(5, 601),
  pace(5, Number.NaN),
  pace(Number.NaN, 10),
  { periodUsec: 5_000_000 } as never,
])('agreedPace() does not follow %o, and follows the others', (wild) => {
  expect(agreedPace([wild])).toBeUndefined();
  expect(agreedPace([wild, pace(5, 10)])).toEqual(pace(5, 10));
});

test.each([pace(1, 1), pace(1, 600), pace(3_600, 3_600)])('agreedPace() follows %o', (asked) =>
  expect(agreedPace([asked])).toEqual(asked),
);

test('agreedPace() of nobody is none', () => {
  expect(agreedPace([])).toBeUndefined();
});
