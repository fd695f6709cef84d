import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CounterHistory } from './counter-history.ts';

const second = 1_000_000;
const windowUsec = 10 * second;
const forever = 1e6 * second;

/** Adds readings given as [instant in seconds, CPU in nanoseconds as a bigint]. */
function history(readings: readonly (readonly [number, bigint])[], keepUsec = windowUsec): CounterHistory {
  const kept = new CounterHistory();
  for (const [instant, nsec] of readings) {
    kept.add(instant * second, Number(nsec / 1_000_000_000n), Number(nsec % 1_000_000_000n), keepUsec);
  }
  return kept;
}

test('CounterHistory.rate() is the difference of the counters over the instants between them', () => {
  const kept = history([
    [0, 0n],
    [5, 1_250_000_000n],
    [10, 2_500_000_000n],
  ]);
  expect(kept.rate(windowUsec, 0)).toEqual({ cpuNanocores: 250_000_000, windowUsec });
});

test('CounterHistory.rate() slides: only the last window counts, and a tick 1 ms early does not widen it', () => {
  const kept = history([
    [0, 0n],
    [5, 0n],
    [10.001, 5_000_000_000n],
    [15, 10_000_000_000n],
  ]);
  expect(kept.rate(windowUsec, 0)).toEqual({ cpuNanocores: 1_000_000_000, windowUsec });
});

test('CounterHistory.rate() says first with one reading, too-close below the least window', () => {
  expect(new CounterHistory().rate(windowUsec, 0)).toBe('first');
  expect(history([[0, 5n]]).rate(windowUsec, 0)).toBe('first');
  expect(
    history([
      [0, 5n],
      [0.1, 6n],
    ]).rate(windowUsec, second / 2),
  ).toBe('too-close');
});

test('CounterHistory.rate() of an idle cgroup is 0, not absent', () => {
  expect(
    history([
      [0, 7n],
      [5, 7n],
    ]).rate(windowUsec, 0),
  ).toEqual({ cpuNanocores: 0, windowUsec: 5 * second });
});

test('CounterHistory.add() begins anew when the counter went back, and says reset until two readings are there', () => {
  const kept = history([
    [0, 9_000_000_000n],
    [5, 10n],
  ]);
  expect(kept.rate(windowUsec, 0)).toBe('reset');
  kept.add(10 * second, 0, 5_010, windowUsec);
  expect(kept.rate(windowUsec, 0)).toEqual({ cpuNanocores: 1_000, windowUsec: 5 * second });
});

test('CounterHistory.add() refuses an instant that is not later', () => {
  const kept = history([[5, 1n]]);
  expect(kept.add(5 * second, 0, 2, windowUsec)).toBe(false);
  expect(kept.length).toBe(1);
});

test('CounterHistory.rate() is exact where the counter in nanoseconds is beyond 2^53', () => {
  const start = 2n ** 63n + 1n;
  expect(
    history([
      [0, start],
      [10, start + 10n],
    ]).rate(windowUsec, 0),
  ).toEqual({ cpuNanocores: 1, windowUsec });
});

test('CounterHistory keeps what its window needs and no more, whatever the period', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (period, window) => {
      fc.pre(period <= 3 * window); // beyond that there is no rate: the agent's window is never below its period
      const kept = new CounterHistory();
      for (let tick = 0; tick < 200; tick += 1) kept.add(tick * period * second, tick, 0, window * second);
      expect(kept.length).toBeLessThanOrEqual(Math.ceil(window / period) + 2);
      const rate = kept.rate(window * second, 0);
      expect(rate).toMatchObject({ cpuNanocores: Math.floor(1e9 / period) });
      const covered = (rate as { windowUsec: number }).windowUsec / second;
      expect(Math.abs(covered - Math.max(window, period))).toBeLessThanOrEqual(period / 2 + 1e-9);
    }),
  );
});

test('CounterHistory.rate() equals a reference computed with bigints for any readings', () => {
  const reading = fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.bigInt({ min: 0n, max: 10n ** 13n }));
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 63n }),
      fc.array(reading, { minLength: 1, maxLength: 20 }),
      (start, steps) => {
        let instantMs = 0;
        let counter = start;
        const kept = history([[0, start]], forever);
        for (const [ms, nsec] of steps) {
          instantMs += ms;
          counter += nsec;
          kept.add(
            instantMs * 1000,
            Number(counter / 1_000_000_000n),
            Number(counter % 1_000_000_000n),
            forever,
          );
        }
        const expected = Number(((counter - start) * 1000n) / BigInt(instantMs));
        const rate = kept.rate(forever, 0);
        const { cpuNanocores } = rate as { cpuNanocores: number };
        // Doubles carry 53 bits: beyond that a rate may be off by one part in 2^52.
        expect(Math.abs(cpuNanocores - expected)).toBeLessThanOrEqual(Math.max(1, expected * 2 ** -52));
      },
    ),
  );
});
