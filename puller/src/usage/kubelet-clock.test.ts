import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KubeletClock, parseDate } from './kubelet-clock.ts';

const hourMs = 3_600_000;

/** A request that took so long, as a kubelet answers whose clock is ahead by `offsetMs` and answered in the middle. */
function exchange(askedMs: number, tookMs: number, offsetMs: number, answeredAfter = 0.5) {
  const kubeletMs = askedMs + tookMs * answeredAfter + offsetMs;
  return { askedMs, answeredMs: askedMs + tookMs, dateMs: Math.floor(kubeletMs / 1_000) * 1_000 };
}

test('KubeletClock finds a clock that is an hour off, better with each request', () => {
  const clock = new KubeletClock();
  const offsetMs = hourMs + 1_700_000_000_123;
  clock.observe(exchange(5_000, 20, offsetMs));
  expect(clock.uncertaintyMs).toBeLessThanOrEqual(510);
  for (let at = 1; at <= 20; at += 1) clock.observe(exchange(5_000 + at * 10_137, 20, offsetMs));
  expect(clock.uncertaintyMs).toBeLessThan(120);
  expect(Math.abs(clock.toMonotonicMs(offsetMs + 7_000) - 7_000)).toBeLessThan(120);
});

test('KubeletClock never places an instant farther off than it says, whatever requests take and clocks drift', () => {
  const step = fc.record({
    waitMs: fc.nat(30_000),
    tookMs: fc.nat(9_000),
    after: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const drift = fc.double({ min: -400e-6, max: 400e-6, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: -hourMs, max: 2 ** 41 }),
      drift,
      fc.array(step, { minLength: 1 }),
      (start, rate, steps) => {
        const clock = new KubeletClock();
        let nowMs = 1_000;
        for (const { waitMs, tookMs, after } of steps) {
          nowMs += waitMs;
          const offsetMs = start + nowMs * rate;
          expect(clock.observe(exchange(nowMs, tookMs, offsetMs, after))).toBe(false);
          nowMs += tookMs;
          expect(Math.abs(clock.toMonotonicMs(nowMs + offsetMs) - nowMs)).toBeLessThanOrEqual(
            clock.uncertaintyMs + 10,
          );
        }
      },
    ),
  );
});

test('KubeletClock.observe() says that a clock was set, and follows it at once', () => {
  const clock = new KubeletClock();
  expect(clock.observe(exchange(0, 10, hourMs))).toBe(false);
  expect(clock.observe(exchange(10_000, 10, hourMs))).toBe(false);
  expect(clock.observe(exchange(20_000, 10, 0))).toBe(true);
  expect(Math.abs(clock.toMonotonicMs(20_000) - 20_000)).toBeLessThan(520);
  expect(clock.observe(exchange(30_000, 10, 0))).toBe(false);
});

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777_000],
  ['Sun, 06 Nov 1994 08:49:37', undefined],
  ['1994-11-06T08:49:37Z', undefined],
  ['Sun, 06 Nov 1994 28:49:37 GMT', undefined],
  ['', undefined],
])('parseDate() reads %j', (header, ms) => {
  expect(parseDate(header)).toBe(ms);
});
