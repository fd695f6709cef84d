import { expect, test } from 'vitest';
import { TickRecord } from './tick-record.ts';

test('TickRecord counts ticks, reports and the time that they took, and tells listeners until they have enough', () => {
  let nowUsec = 100;
  let told = 0;
  const record = new TickRecord(() => nowUsec);
  const enough = record.onTick(() => {
    told += 1;
  });
  record.begin();
  nowUsec = 130;
  record.end(2, false);
  nowUsec = 500;
  record.begin();
  nowUsec = 510;
  enough();
  record.end(0, true);
  expect(record).toMatchObject({ ticks: 2, reports: 1, leftOut: 0, tookUsec: 40, lastBeganUsec: 500 });
  expect(told).toBe(1);
});
