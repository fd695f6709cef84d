import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CounterHistory } from './counter-history.ts';

const second = 1_000_000;
const billion = 1_000_000_000n;

interface Point {
  readonly usec: number;
  readonly nsec: bigint;
}

/** The rules once more, in the plainest way: all readings in one list, big integers, nothing forgotten. */
class PlainHistory {
  points: Point[] = [];
  begun = 'first';

  add(point: Point, windowUsec: number): boolean {
    const last = this.points.at(-1);
    if (last !== undefined && point.usec <= last.usec) return false;
    if (last !== undefined && point.usec - last.usec > 3 * windowUsec) this.#begin('paused');
    else if (last !== undefined && point.nsec < last.nsec) this.#begin('reset');
    this.points.push(point);
    return true;
  }

  rate(windowUsec: number, minWindowUsec: number): { usec: number; nsec: bigint } | string {
    const last = this.points.at(-1);
    const [first, ...others] = this.points.slice(0, -1);
    if (last === undefined || first === undefined) return this.begun;
    const distance = ({ usec }: Point) => Math.abs(last.usec - usec - windowUsec);
    const base = others.reduce((best, point) => (distance(point) <= distance(best) ? point : best), first);
    const usec = last.usec - base.usec;
    return usec < minWindowUsec ? 'too-close' : { usec, nsec: last.nsec - base.nsec };
  }

  #begin(why: string): void {
    this.points = [];
    this.begun = why;
  }
}

/** Mostly a tick later, early or late; at times twice at once, before the last one, or after a long time. */
const gapUsec = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 4.9 * second, max: 5.1 * second }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: second }) },
  fc.constantFrom(0, 1, -second, 12 * second, 29 * second, 31 * second, 86_400 * second),
);
/** Mostly more CPU time; at times none at all, or a counter that went back. */
const usedNsec = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: 0n, max: 20n * billion }) },
  fc.constantFrom(0n, 1n, -1n, -billion, 2n ** 50n),
);

test('CounterHistory agrees with a plain model, whatever ticks, counters and clocks do', () => {
  const steps = fc.array(fc.tuple(gapUsec, usedNsec), { minLength: 1, maxLength: 40 });
  const start = fc.bigInt({ min: 0n, max: 2n ** 63n });
  const window = fc.constantFrom(second, 5 * second, 10 * second, 60 * second);
  fc.assert(
    fc.property(start, steps, window, (begin, all, windowUsec) => {
      const plain = new PlainHistory();
      const kept = new CounterHistory();
      let usec = 1e9;
      let nsec = begin;
      for (const [gap, used] of all) {
        usec += gap;
        nsec = nsec + used < 0n ? 0n : nsec + used;
        const added = kept.add(usec, Number(nsec / billion), Number(nsec % billion), windowUsec);
        expect(added).toBe(plain.add({ usec, nsec }, windowUsec));
        if (!added) [usec, nsec] = [plain.points.at(-1)?.usec ?? usec, plain.points.at(-1)?.nsec ?? nsec];
        expectSame(kept, plain, windowUsec);
      }
    }),
    { numRuns: 2000 },
  );
});

function expectSame(kept: CounterHistory, plain: PlainHistory, windowUsec: number): void {
  const [rate, expected] = [kept.rate(windowUsec, 400_000), plain.rate(windowUsec, 400_000)];
  if (typeof rate === 'string' || typeof expected === 'string') {
    expect(rate).toBe(expected);
    return;
  }
  expect(rate.windowUsec).toBe(expected.usec);
  const nanocores = Number((expected.nsec * 1_000_000n) / BigInt(expected.usec));
  // Doubles carry 53 bits.
  expect(Math.abs(rate.cpuNanocores - nanocores)).toBeLessThanOrEqual(Math.max(1, nanocores * 2 ** -51));
}
