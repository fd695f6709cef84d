import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StretchedPeriod } from './stretched-period.ts';

/** A period that is looked at each second. */
function stretched(usualMs = 5_000) {
  const period = new StretchedPeriod(usualMs);
  const clock = { ms: 0 };
  /** The periods that it became while the event loop was so busy for so long. */
  const pass = (seconds: number, busy: number | (() => number)) => {
    const became: number[] = [];
    for (let second = 0; second < seconds; second += 1) {
      clock.ms += 1_000;
      if (period.observe(typeof busy === 'number' ? busy : busy(), clock.ms)) became.push(period.periodMs);
    }
    return became;
  };
  return { period, pass };
}

test('StretchedPeriod doubles step by step up to a minute while the event loop is too busy', () => {
  const { pass } = stretched();
  expect(pass(600, 1)).toEqual([10_000, 20_000, 40_000, 60_000]);
});

test('StretchedPeriod lets each step show what it is good for before the next', () => {
  const { pass } = stretched();
  expect(pass(31, 1)).toEqual([10_000]);
  expect(pass(49, 1)).toEqual([]);
  expect(pass(1, 1)).toEqual([20_000]);
});

test('StretchedPeriod takes a crowd of 29 s for no overload, nor one that comes again and again', () => {
  const { pass } = stretched();
  for (let times = 0; times < 20; times += 1) {
    expect(pass(29, 1)).toEqual([]);
    expect(pass(1, 0.5)).toEqual([]);
  }
});

test('StretchedPeriod goes back step by step when it has been calm for a minute each time', () => {
  const { pass, period } = stretched();
  pass(600, 1);
  expect(pass(60, 0.1)).toEqual([]);
  expect(pass(1_000, 0.1)).toEqual([30_000, 15_000, 7_500, 5_000]);
  expect(period.periodMs).toBe(5_000);
  expect(pass(1_000, 0)).toEqual([]);
});

test('StretchedPeriod stays where it is neither calm nor too busy', () => {
  const { pass } = stretched();
  pass(31, 1);
  expect(pass(10_000, 0.6)).toEqual([]);
});

test('StretchedPeriod of a minute is not stretched', () => {
  expect(stretched(60_000).pass(600, 1)).toEqual([]);
});

test('StretchedPeriod finds one period for any load that is in step with it, and keeps it', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 12, noNaN: true }), (loadAtUsual) => {
      const { pass, period } = stretched();
      const busy = () => Math.min(1, (loadAtUsual * 5_000) / period.periodMs);
      pass(1_000, busy);
      expect(pass(3_000, busy)).toEqual([]);
    }),
  );
});
