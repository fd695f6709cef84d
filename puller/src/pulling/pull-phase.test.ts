import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextPullMs } from './pull-phase.ts';

const periodMs = 10_000;

test('nextPullMs() keeps each node at its own moment of the period, and waits half a period at least', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.string(), fc.array(random, { minLength: 2, maxLength: 20 }), (node, chances) => {
      let nowMs = 123;
      const moments = chances.map((chance) => {
        const waitMs = nextPullMs(node, periodMs, nowMs, chance);
        expect(waitMs).toBeGreaterThanOrEqual(periodMs / 2);
        expect(waitMs).toBeLessThanOrEqual(1.55 * periodMs);
        nowMs += waitMs;
        return nowMs - chance * 0.05 * periodMs;
      });
      for (const moment of moments)
        expect((moment - (moments[0] ?? 0)) / periodMs).toBeCloseTo(
          Math.round((moment - (moments[0] ?? 0)) / periodMs),
          6,
        );
      expect(Math.round(((moments.at(-1) ?? 0) - (moments[0] ?? 0)) / periodMs)).toBe(moments.length - 1);
    }),
  );
});

test('nextPullMs() spreads nodes evenly, though their names are neighbours', () => {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let node = 0; node < 1_000; node += 1) {
    const tenth = Math.floor((nextPullMs(`node-${node}`, periodMs, 0, 0) % periodMs) / 1_000);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) expect(count).toBeGreaterThan(60);
});
