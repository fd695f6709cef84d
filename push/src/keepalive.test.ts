import { expect, test } from 'vitest';
import { isSooner, keepaliveAt } from './keepalive.ts';

test.each([
  [200_000, 500, 1_500],
  [1_000_000, 500, 1_500],
  [1_200_000, 900, 1_500],
  [2_500_000, 2_500, 2_500],
  [5_000_000, 5_000, 5_000],
  [60_000_000, 5_000, 5_000],
])('keepaliveAt() a period of %d µs asks after %d ms and waits %d ms', (periodUsec, idleMs, answerMs) => {
  expect(keepaliveAt(periodUsec)).toEqual({ idleMs, answerMs });
});

test('isSooner() compares when a dead peer is found', () => {
  const [short, long] = [keepaliveAt(1_000_000), keepaliveAt(5_000_000)];
  expect([isSooner(short, long), isSooner(long, short), isSooner(long, long)]).toEqual([true, false, false]);
});
