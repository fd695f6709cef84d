import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyBody, readings } from './fixture-exposition.ts';
import { plainReadings } from './fixture-plain-reader.ts';

const damages = 200;

test('ResourceReader reads a million bodies, sound and damaged, as a plain reader does: none crashes it, no figure has a wrong owner', () => {
  let bodies = 0;
  let read = 0;
  fc.assert(
    fc.property(anyBody, fc.integer(), (text, seed) => {
      const chance = generator(seed);
      for (let count = 0; count < damages; count += 1) {
        const bytes = damaged(Buffer.from(text), chance);
        const found = readings(bytes, [chance(bytes.length + 1)]);
        if (!same(found, plainReadings(bytes)))
          expect({ bytes, found }).toEqual({ bytes, found: plainReadings(bytes) });
        bodies += 1;
        if ('containers' in found && found.containers.length > 0) read += 1;
      }
    }),
    { numRuns: 1_000_000 / damages },
  );
  expect(bodies).toBe(1_000_000);
  // Otherwise the bodies would only have tested the refusals.
  expect(read).toBeGreaterThan(200_000);
});

/** Cheaper than expect(), which would take most of the time. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const telling = Buffer.from('{}"\\,= \n\t#.-+eN0159containerpodnamespace\u00e9');

/** None to four bytes overwritten, taken out, put in or doubled. */
function damaged(body: Buffer, chance: (below: number) => number): Buffer {
  let bytes = body;
  for (let left = chance(5); left > 0 && bytes.length > 0; left -= 1) {
    const [from, length] = [chance(bytes.length), chance(20)];
    const other = telling.subarray(chance(telling.length)).subarray(0, 1 + chance(3));
    const put =
      [other, Buffer.alloc(0), Buffer.from(bytes.subarray(from, from + 2 * length))][chance(3)] ?? other;
    bytes = Buffer.concat([
      bytes.subarray(0, from),
      put,
      bytes.subarray(from + (chance(2) === 0 ? 0 : put.length)),
    ]);
  }
  return bytes;
}

/** Numbers from a seed (mulberry32): fast-check's own would take longer than the reader. */
function generator(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(1, below);
  };
}
