import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AgentClock } from './agent-clock.ts';

test('AgentClock.toLocalMs() gives the true instant through a way of 500 ms each direction', () => {
  const clock = new AgentClock();
  const agentAheadMs = 3 * 3600_000;
  clock.observe((1_000 + agentAheadMs) * 1000, 1_500);
  clock.observeEcho((2_000 + agentAheadMs) * 1000, 1_500, 2_500);
  expect(clock.toLocalMs((1_000 + agentAheadMs) * 1000)).toBe(1_000);
  expect(clock.uncertaintyMs).toBe(500);
});

test('AgentClock takes the shortest way for the whole delay until an echo has come back', () => {
  const clock = new AgentClock();
  clock.observe(1_000_000, 1_010);
  clock.observe(2_000_000, 4_900);
  expect(clock.toLocalMs(2_000_000)).toBe(2_010);
  expect(clock.uncertaintyMs).toBe(Number.POSITIVE_INFINITY);
});

test('AgentClock needs one quick message each way, not one echo that was quick both ways', () => {
  const clock = new AgentClock();
  clock.observeEcho(2_000_000, 1_990, 2_500);
  expect(clock.toLocalMs(2_000_000)).toBe(2_245);
  clock.observe(5_000_000, 5_010);
  expect(clock.toLocalMs(5_000_000)).toBe(5_000);
});

test('AgentClock forgets an offset that drift has made wrong, with and without echoes', () => {
  for (const echoes of [true, false]) {
    const clock = new AgentClock();
    for (let second = 0; second < 300; second += 1) {
      clock.observe(second * 1e6, second * 1001);
      if (echoes && second % 30 === 0) clock.observeEcho(second * 1e6, second * 1001, second * 1001);
    }
    expect(Math.abs(clock.toLocalMs(299e6) - 299 * 1001)).toBeLessThan(121);
  }
});

test.each([
  ['begins', 0, 500],
  ['ends', 500, 0],
])(
  'AgentClock is right when a latency of 500 ms %s in mid-stream, also while echoes are lost',
  (_, before, after) => {
    const clock = new AgentClock();
    for (let ms = 0; ms < 1_200_000; ms += 5_000) {
      const way = ms < 300_000 ? before : after;
      clock.observe(ms * 1000, ms + way);
      // None for two and a half minutes after the change, but for the first.
      const echoed = ms <= 300_000 || ms > 450_000;
      if (echoed && ms % 30_000 === 0) clock.observeEcho(ms * 1000, ms - way, ms + way);
      expect(Math.abs(clock.toLocalMs(ms * 1000) - ms)).toBeLessThan(1);
    }
  },
);

test('AgentClock.observe() says when the clock has jumped ahead, and is right at once', () => {
  const clock = new AgentClock();
  clock.observe(10e6, 10_100);
  clock.observeEcho(10e6, 9_900, 10_100);
  expect(clock.observe(15e6, 15_100)).toBe(false);
  expect(clock.observe((20 + 3 * 3600) * 1e6, 20_100)).toBe(true);
  expect(clock.toLocalMs((20 + 3 * 3600) * 1e6)).toBeCloseTo(20_000, 6);
  expect(clock.observe((25 + 3 * 3600) * 1e6, 25_100)).toBe(false);
});

test('AgentClock.observeEcho() says when the clock has gone back, and is right at once', () => {
  const clock = new AgentClock();
  clock.observeEcho(10e6, 9_900, 10_100);
  expect(clock.observeEcho(17e6, 19_900, 20_100)).toBe(true);
  expect(clock.toLocalMs(17e6)).toBe(20_000);
});

test('AgentClock is never wrong by more than it says, whatever the delays, and never says that a steady clock jumped', () => {
  const delayMs = fc.double({ min: 0, max: 1_000, noNaN: true });
  const messages = fc.array(fc.tuple(delayMs, fc.option(delayMs, { freq: 2 })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(messages, fc.double({ min: -3 * 3600e3, max: 3 * 3600e3, noNaN: true }), (ways, aheadMs) => {
      const clock = new AgentClock();
      ways.forEach(([upMs, downMs], index) => {
        const ms = 1e7 + index * 5_000;
        const usec = (ms + aheadMs) * 1000;
        const jumped =
          downMs === null ? clock.observe(usec, ms + upMs) : clock.observeEcho(usec, ms - downMs, ms + upMs);
        expect(jumped).toBe(false);
        expect(Math.abs(clock.toLocalMs(usec) - ms)).toBeLessThanOrEqual(clock.uncertaintyMs + 0.001);
      });
    }),
  );
});
