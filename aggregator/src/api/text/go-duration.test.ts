import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatGoDuration, goDurationNsec } from './go-duration.ts';

/** Adds the parts of a duration up in integers, by the definition of the units. */
function nanoseconds(duration: string): bigint {
  const places: Record<string, number> = { ns: 0, µs: 3, ms: 6, s: 9 };
  let sum = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of duration.matchAll(/(\d+)(?:\.(\d+))?([a-zµ]+)/g)) {
    if (unit === 'h' || unit === 'm') sum += BigInt(whole) * (unit === 'h' ? 3600n : 60n) * 10n ** 9n;
    else sum += BigInt(whole + fraction) * 10n ** BigInt((places[unit] ?? -1) - fraction.length);
  }
  return sum;
}

test('formatGoDuration() keeps every nanosecond', () => {
  const value = fc.oneof(fc.maxSafeNat(), fc.nat({ max: 1e9 }), fc.nat({ max: 2000 }));
  fc.assert(fc.property(value, (nano) => nanoseconds(formatGoDuration(nano)) === BigInt(nano)));
});

test('formatGoDuration() writes minutes as soon as there are hours, and no trailing zeros', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (nano) => {
      expect(formatGoDuration(nano)).toMatch(/^(\d+h\d+m|\d+m)?\d+(\.\d*[1-9])?(ns|µs|ms|s)$/);
    }),
  );
});

test('goDurationNsec() reads what formatGoDuration() writes', () => {
  const windows = fc.nat({ max: 3_600_000_000 }).map((usec) => usec * 1000);
  fc.assert(fc.property(windows, (nano) => Math.abs(goDurationNsec(formatGoDuration(nano)) - nano) <= 1));
});

test.each([
  ['0', 0],
  ['-0', 0],
  ['1m30s', 90e9],
  ['.5s', 5e8],
  ['1.s', 1e9],
  ['-1.5h', -5.4e12],
  ['+2us', 2000],
  ['2µs', 2000],
])('goDurationNsec() takes %s', (text, nano) => {
  expect(goDurationNsec(text) + 0).toBe(nano);
});

test.each([
  ['', 'time: invalid duration ""'],
  ['abc', 'time: invalid duration "abc"'],
  ['-', 'time: invalid duration "-"'],
  ['.s', 'time: invalid duration ".s"'],
  ['10', 'time: missing unit in duration "10"'],
  ['10x', 'time: unknown unit "x" in duration "10x"'],
  ['1constructor', 'time: unknown unit "constructor" in duration "1constructor"'],
  ['9999999h', 'time: invalid duration "9999999h"'],
])('goDurationNsec() refuses %j as Go does', (text, message) => {
  expect(() => goDurationNsec(text)).toThrow(new Error(message));
});
