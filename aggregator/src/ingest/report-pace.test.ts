import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReportPace } from './report-pace.ts';

const periodMs = 5_000;
const taken = (pace: ReportPace, instants: readonly number[]) =>
  instants.filter((ms) => pace.take(ms, periodMs));

test('ReportPace.take() takes every report of an agent that starts, reconnects and keeps its period', () => {
  const pace = new ReportPace();
  // As the agent's ticks come: the first few close together.
  const start = [0, 500, 1_000, 2_000, 4_000, 8_000, 13_000];
  const steady = Array.from({ length: 100 }, (_, index) => 18_000 + index * periodMs + (index % 2) * 300);
  const reconnected = [18_050, 33_050, 33_060];
  const all = [...start, ...steady, ...reconnected].sort((a, b) => a - b);
  expect(taken(pace, all)).toEqual(all);
});

test('ReportPace.take() leaves out what is too early, and takes one whenever it is time again', () => {
  const pace = new ReportPace();
  const flood = Array.from({ length: 6_000 }, (_, index) => index * 10);
  const instants = taken(pace, flood);
  expect(instants.length).toBe(10 + 60_000 / (0.8 * periodMs) - 1);
  const [before = 0, last = 0] = instants.slice(-2);
  expect(last - before).toBe(0.8 * periodMs);
});

test('ReportPace.take() follows the agreed period', () => {
  const pace = new ReportPace();
  taken(pace, Array(10).fill(0));
  expect(pace.take(1_000, periodMs)).toBe(false);
  expect(pace.take(1_800, 1_000)).toBe(true);
});

test('ReportPace.take() never takes more than ten, and one for each 0.8 of a period', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20_000 }), { maxLength: 200 }), (gaps) => {
      const pace = new ReportPace();
      let ms = 0;
      let count = 0;
      for (const gap of gaps) {
        ms += gap;
        if (pace.take(ms, periodMs)) count += 1;
      }
      expect(count).toBeLessThanOrEqual(10 + ms / (0.8 * periodMs) + 1e-6);
    }),
  );
});
