import { expect, test } from 'vitest';
import { SampleOrder } from './sample-order.ts';

test.each([
  ['grow', [1, 2, 3], ['next', 'next', 'next']],
  ['begin at zero', [0, 1], ['next', 'next']],
  ['stand still', [5, 5, 5, 5, 5], ['next', 'replayed', 'replayed', 'replayed', 'replayed']],
  ['are replayed once', [5, 6, 5, 7], ['next', 'next', 'replayed', 'next']],
  [
    'are replayed between others',
    [5, 3, 6, 4, 7, 5],
    ['next', 'replayed', 'next', 'replayed', 'next', 'replayed'],
  ],
  ['were set back', [90, 10, 11, 12, 13], ['next', 'replayed', 'replayed', 'set back', 'next']],
  ['go back again and again', [90, 12, 11, 10, 9], ['next', 'replayed', 'replayed', 'replayed', 'replayed']],
])('SampleOrder.judge() of instants that %s', (_, instants, verdicts) => {
  const order = new SampleOrder();
  expect(instants.map((usec) => order.judge(usec))).toEqual(verdicts);
});
