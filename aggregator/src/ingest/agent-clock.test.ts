import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AgentClock } from './agent-clock.ts';

test('AgentClock.toLocalMs() gives the true instant through a way of 500 ms each direction', () => {
  const clock = new AgentClock();
  const agentAheadMs = 3 * 3600_000;
  const sampledMs = 1_000;
  clock.observe((sampledMs + agentAheadMs) * 1000, sampledMs + 500);
  clock.observeRoundTrip(1_000, 2_500);
  expect(clock.toLocalMs((sampledMs + agentAheadMs) * 1000)).toBe(sampledMs);
});

test('AgentClock.toLocalMs() does not believe the one message that was slow', () => {
  const clock = new AgentClock();
  clock.observe(1_000_000, 1_010);
  clock.observe(2_000_000, 4_900);
  expect(clock.toLocalMs(2_000_000)).toBe(2_010);
});

test('AgentClock forgets an offset that drift has made wrong', () => {
  const clock = new AgentClock();
  for (let second = 0; second < 300; second += 1) clock.observe(second * 1e6, second * 1001);
  const errorMs = clock.toLocalMs(299e6) - 299 * 1001;
  expect(Math.abs(errorMs)).toBeLessThan(121);
});

test('AgentClock is right to the asymmetry of the way, whatever the delays', () => {
  const delayMs = fc.integer({ min: 1, max: 2_000 });
  fc.assert(
    fc.property(
      fc.array(delayMs, { minLength: 1, maxLength: 11 }),
      fc.integer({ min: -1e9, max: 1e9 }),
      (delays, aheadMs) => {
        const clock = new AgentClock();
        const shortest = Math.min(...delays);
        delays.forEach((delay, index) => {
          clock.observe((index * 5_000 + aheadMs) * 1000, index * 5_000 + delay);
        });
        clock.observeRoundTrip(2 * shortest, delays.length * 5_000);
        expect(clock.toLocalMs((5_000 + aheadMs) * 1000)).toBeCloseTo(5_000, 3);
      },
    ),
  );
});
