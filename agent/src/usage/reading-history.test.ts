import { getHeapStatistics } from 'node:v8';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Reading, ReadingHistory } from './reading-history.ts';

const second = 1_000_000;
const at = (instant: number, more: Partial<Reading> = {}): Reading => ({
  sampledAtUsec: instant * second,
  usageSeconds: instant,
  usageNanoseconds: 7,
  workingSetBytes: 4096,
  swapBytes: 0,
  ...more,
});

/** A history that was fed at equal distances. */
function fed(periodSeconds: number, count: number): ReadingHistory {
  const history = new ReadingHistory();
  for (let tick = 0; tick < count; tick += 1) history.add(at(tick * periodSeconds));
  return history;
}

test('ReadingHistory gives readings back as they were, oldest first, unknown ones as NaN', () => {
  const history = new ReadingHistory();
  const readings = [
    at(1),
    at(2, { usageSeconds: Number.NaN, swapBytes: Number.NaN }),
    at(3, { workingSetBytes: 0 }),
  ];
  for (const reading of readings) history.add(reading);
  expect(history.readings()).toEqual(readings);
});

test.each([
  [1, 61],
  [5, 13],
  [60, 2],
  [3600, 2],
])('ReadingHistory keeps a minute at a period of %d s: %d readings', (period, count) => {
  const readings = fed(period, 200).readings();
  expect(readings).toHaveLength(count);
  expect(readings.at(-1)).toEqual(at(199 * period));
});

test('ReadingHistory covers a minute or has 64 readings, and never more, for any distances', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 300 }), (tenths) => {
      const history = new ReadingHistory();
      let instant = 0;
      for (const distance of tenths) {
        instant += distance / 10;
        history.add(at(instant));
      }
      const readings = history.readings();
      expect(readings.length).toBeLessThanOrEqual(64);
      const coveredSeconds = instant - (readings[0]?.sampledAtUsec ?? 0) / second;
      const enough = readings.length === Math.min(64, tenths.length) || coveredSeconds >= 60 - 1e-6;
      expect(enough).toBe(true);
    }),
  );
});

test('ReadingHistory.add() keeps no reading of an instant that is not later', () => {
  const history = fed(1, 3);
  history.add(at(2, { workingSetBytes: 1 }));
  history.add(at(1));
  expect(history.readings()).toEqual([at(0), at(1), at(2)]);
});

test('ReadingHistory.add() makes no objects once it has its size', () => {
  // A few boxed doubles (12 bytes each) remain, depending on what the compiler has seen before; the rounds are for it to
  // have compiled. An object for each reading would take 130.
  const limitBytes = 64;
  const history = fed(1, 100);
  const reading = { ...at(100) };
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 100 && least >= limitBytes; round += 1) {
    const before = getHeapStatistics().total_allocated_bytes;
    for (let count = 0; count < 10_000; count += 1) {
      reading.sampledAtUsec += second;
      history.add(reading);
    }
    least = Math.min(least, (getHeapStatistics().total_allocated_bytes - before) / 10_000);
  }
  expect(least).toBeLessThan(limitBytes);
});
