import { expect, test } from 'vitest';
import { quantityValue } from './quantity-value.ts';

test.each([
  ['4', 4],
  ['3500m', 3.5],
  ['16384256Ki', 16384256 * 1024],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['128974848', 128974848],
  ['129e6', 129e6],
  ['129M', 129e6],
  ['1E', 1e18],
  ['1E3', 1e3],
  ['.5', 0.5],
  ['5.', 5],
  ['0', 0],
])('quantityValue() of %s', (text, value) => {
  expect(quantityValue(text)).toBeCloseTo(value, 9);
});

test.each(['', '-1', 'Ki', '1 Gi', '1ki', '1e', 'x', '1e999', 4, null, undefined])(
  'quantityValue() of %s, which is no amount',
  (text) => {
    expect(quantityValue(text)).toBeUndefined();
  },
);
