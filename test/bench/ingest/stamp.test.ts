import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nanocoresOf, sinceStampUsec, stampOf } from './stamp.ts';

test('sinceStampUsec() is the time since stampOf() was made, also across the beginning anew', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e15 }),
      fc.integer({ min: 0, max: 999_999_999 }),
      (madeUsec, delayUsec) => {
        expect(sinceStampUsec(stampOf(madeUsec), madeUsec + delayUsec)).toBe(delayUsec);
      },
    ),
  );
});

test('stampOf() stays below one core: a rate above the machine’s would be refused', () => {
  expect(stampOf(5_999_999_999)).toBe(999_999_999);
});

test.each([
  ['0', 0],
  ['1', 1e9],
  ['250m', 250e6],
  ['17u', 17e3],
  ['123456789n', 123_456_789],
])('nanocoresOf(%j) is %d', (quantity, nanocores) => expect(nanocoresOf(quantity)).toBe(nanocores));

test.each(['', 'n', '1.5', '1Ki', '-1n'])('nanocoresOf(%j) throws', (quantity) =>
  expect(() => nanocoresOf(quantity)).toThrow(`found "${quantity}"`),
);
