import fc from 'fast-check';
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

/** The same by a clock of its own: it goes on without its timers where the process is not scheduled. */
function lateSchedule(periodMs: number) {
  const clock = { nowMs: 0 };
  const at: number[] = [];
  const ticks = new TickSchedule(
    () => at.push(clock.nowMs),
    periodMs,
    () => clock.nowMs,
  );
  const advance = (ms: number) => {
    clock.nowMs += ms;
    vi.advanceTimersByTime(ms);
  };
  return { at, ticks, clock, advance };
}

test('TickSchedule ticks at once, then at growing distances, then each period', () => {
  const { at, ticks } = schedule(5_000);
  ticks.start();
  vi.advanceTimersByTime(20_000);
  expect(at).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 13_000, 18_000]);
});

test('TickSchedule with a period of 1 s still has its second tick after half a second', () => {
  const { at, ticks } = schedule(1_000);
  ticks.start();
  vi.advanceTimersByTime(3_500);
  expect(at).toEqual([0, 500, 1_000, 2_000, 3_000]);
});

test('TickSchedule.setPeriod() counts from the last tick', () => {
  const { at, ticks } = schedule(5_000);
  ticks.start();
  vi.advanceTimersByTime(8_500);
  ticks.setPeriod(1_000);
  vi.advanceTimersByTime(2_000);
  expect(at).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 9_000, 10_000]);
});

test('TickSchedule.stop() ends it', () => {
  const { at, ticks } = schedule(1_000);
  ticks.start();
  ticks.stop();
  vi.advanceTimersByTime(10_000);
  expect(at).toEqual([0]);
});

test('TickSchedule keeps its phase after a late tick and skips what was missed', () => {
  const { at, ticks, clock, advance } = lateSchedule(1_000);
  ticks.start();
  for (let half = 0; half < 4; half += 1) advance(500);
  clock.nowMs += 2_600; // the process was not scheduled
  advance(1_000);
  advance(400);
  advance(1_000);
  expect(at).toEqual([0, 500, 1_000, 2_000, 5_600, 6_000, 7_000]);
});

test('TickSchedule never pauses for longer than one period after a tick, however late ticks come', () => {
  const lateMs = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(lateMs, fc.constantFrom(1_000, 5_000, 60_000), (delays, periodMs) => {
      const { at, ticks, clock, advance } = lateSchedule(periodMs);
      ticks.start();
      for (const delayMs of delays) {
        clock.nowMs += delayMs; // the process was not scheduled: its timers did not run
        const seen = at.length;
        for (let waitedMs = 0; waitedMs <= periodMs && at.length === seen; waitedMs += 100) {
          advance(100);
        }
        expect(at.length).toBeGreaterThan(seen);
      }
      ticks.stop();
    }),
  );
});

test('TickSchedule does not tick again for a timer that ran a millisecond early', () => {
  const { at, ticks, clock } = lateSchedule(1_000);
  ticks.start();
  clock.nowMs = 499.4; // the timer of 500 ms runs now
  vi.advanceTimersByTime(500);
  vi.advanceTimersByTime(10);
  expect(at).toEqual([0, 499.4]);
  ticks.stop();
});

test('TickSchedule begins anew, with a quick second tick, when more than three periods passed without one', () => {
  const { at, ticks, clock, advance } = lateSchedule(5_000);
  ticks.start();
  for (let half = 0; half < 16; half += 1) advance(500);
  clock.nowMs += 3_600_000; // the virtual machine was stopped
  const resumedMs = clock.nowMs + 5_000;
  advance(5_000);
  expect(ticks.nextDueMs).toBe(resumedMs + 500);
  for (let half = 0; half < 20; half += 1) advance(500);
  const since = at.filter((ms) => ms >= resumedMs).map((ms) => ms - resumedMs);
  expect(since).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000]);
  ticks.stop();
});
