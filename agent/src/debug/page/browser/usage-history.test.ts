import { expect, test } from 'vitest';
import { UsageHistory } from './usage-history.ts';

const startMs = Date.UTC(2026, 0, 1);
const at = (second: number, shiftMs = 0) => new Date(startMs + second * 1000 + shiftMs).toISOString();
/** Half a core all the time. */
const point = (second: number, shiftMs = 0) => ({
  at: at(second, shiftMs),
  cpuUsageUsec: second * 500_000,
  memoryWorkingSetBytes: 2 ** 20 * second,
});
const rate = (millicores: number) => ({ cpuNanocores: millicores * 1e6, windowUsec: 10_000_000 });
const seconds = (times: readonly number[]) => times.map((time) => time - startMs / 1000);

test('UsageHistory makes millicores between readings, and keeps the rate with the newest one', () => {
  const history = new UsageHistory();
  history.add('a', { counters: [point(1), point(2), point(4)], rate: rate(480) });
  history.add('a', { counters: [point(5)], rate: rate(490) });
  const { times, between, rated, memoryMib } = history.series('a');
  expect(seconds(times)).toEqual([1, 2, 4, 5]);
  expect(between).toEqual([null, 500, 500, 500]);
  expect(rated).toEqual([null, null, 480, 490]);
  expect(memoryMib).toEqual([1, 2, 4, 5]);
});

test('UsageHistory takes a whole state after a reconnection without a reading twice, and keeps what it rated', () => {
  const history = new UsageHistory();
  history.add('a', { counters: [point(1), point(2), point(3)], rate: rate(480) });
  history.add('a', { counters: [point(2, 1), point(3, -1), point(4, 1)], rate: rate(500) });
  const { times, rated } = history.series('a');
  expect(seconds(times).map(Math.round)).toEqual([1, 2, 3, 4]);
  expect(rated).toEqual([null, null, 480, 500]);
});

test('UsageHistory begins again where the clock was set back', () => {
  const history = new UsageHistory();
  history.add('a', { counters: [point(100), point(101)] });
  history.add('a', { counters: [point(50)] });
  expect(seconds(history.series('a').times)).toEqual([50]);
});

test('UsageHistory shows no rate where a counter went back or is not known', () => {
  const history = new UsageHistory();
  const back = { at: at(2), cpuUsageUsec: 0 };
  history.add('a', { counters: [point(1), back, { at: at(3) }, point(4)] });
  expect(history.series('a')).toMatchObject({
    between: [null, null, null, null],
    memoryMib: [1, null, null, 4],
  });
});

test('UsageHistory keeps ten minutes at a second each, and forgets what is gone', () => {
  const history = new UsageHistory();
  for (let second = 0; second < 700; second += 1) history.add('a', { counters: [point(second)] });
  expect(seconds(history.series('a').times)).toMatchObject({ length: 600, 0: 100, 599: 699 });
  history.keepOnly(new Set(['b']));
  expect(history.series('a').times).toEqual([]);
});
