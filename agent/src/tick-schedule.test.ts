import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TickSchedule } from './tick-schedule.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function schedule(periodMs: number) {
  const at: number[] = [];
  const beginMs = performance.now();
  const ticks = new TickSchedule(
    () => at.push(Math.round(performance.now() - beginMs)),
    periodMs,
    () => performance.now(),
  );
  return { at, ticks };
}

test('TickSchedule ticks at once, after half a second, then each period', () => {
  const { at, ticks } = schedule(5_000);
  ticks.start();
  vi.advanceTimersByTime(16_000);
  expect(at).toEqual([0, 500, 5_500, 10_500, 15_500]);
});

test('TickSchedule with a period of 1 s still has its second tick after half a second', () => {
  const { at, ticks } = schedule(1_000);
  ticks.start();
  vi.advanceTimersByTime(3_000);
  expect(at).toEqual([0, 500, 1_500, 2_500]);
});

test('TickSchedule.setPeriod() counts from the last tick', () => {
  const { at, ticks } = schedule(5_000);
  ticks.start();
  vi.advanceTimersByTime(1_000);
  ticks.setPeriod(1_000);
  vi.advanceTimersByTime(2_000);
  expect(at).toEqual([0, 500, 1_500, 2_500]);
});

test('TickSchedule.stop() ends it', () => {
  const { at, ticks } = schedule(1_000);
  ticks.start();
  ticks.stop();
  vi.advanceTimersByTime(10_000);
  expect(at).toEqual([0]);
});

test('TickSchedule keeps its phase after a late tick and skips what was missed', () => {
  let nowMs = 0;
  const at: number[] = [];
  const ticks = new TickSchedule(
    () => at.push(nowMs),
    1_000,
    () => nowMs,
  );
  const advance = (ms: number) => {
    nowMs += ms;
    vi.advanceTimersByTime(ms);
  };
  ticks.start();
  advance(500);
  nowMs += 2_600; // the process was not scheduled
  advance(1_000);
  advance(400);
  advance(1_000);
  expect(at).toEqual([0, 500, 4_100, 4_500, 5_500]);
});
