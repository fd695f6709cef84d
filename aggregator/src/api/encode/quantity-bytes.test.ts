import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatGoDuration } from '../text/go-duration.ts';
import { formatBytes, formatNanocores } from '../text/quantity.ts';
import { longestNumberBytes } from './bytes.ts';
import { longestWindowBytes, writeByteCount, writeNanocores, writeWindow } from './quantity-bytes.ts';

function text(write: (out: Uint8Array, offset: number, value: number) => number, value: number): string {
  const out = Buffer.alloc(64);
  return out.toString('utf8', 1, write(out, 1, value));
}

/** Amounts, round ones among them. */
const amount = fc
  .tuple(fc.nat(), fc.constantFrom(1, 10, 1000, 1024, 1_000_000, 2 ** 20, 1_000_000_000, 2 ** 30, 2 ** 40))
  .map(([value, unit]) => value * unit)
  .filter(Number.isSafeInteger);
const anyAmount = fc.oneof(amount, fc.maxSafeNat(), fc.integer({ min: 0, max: 2048 }));

test('writeNanocores() writes what formatNanocores() says', () => {
  fc.assert(
    fc.property(anyAmount, (value) => {
      expect(text(writeNanocores, value)).toBe(formatNanocores(value));
      expect(formatNanocores(value).length).toBeLessThanOrEqual(longestNumberBytes);
    }),
    { numRuns: 2_000 },
  );
});

test('writeByteCount() writes what formatBytes() says', () => {
  fc.assert(
    fc.property(anyAmount, (value) => {
      expect(text(writeByteCount, value)).toBe(formatBytes(value));
    }),
    { numRuns: 2_000 },
  );
});

test('writeWindow() writes what formatGoDuration() says', () => {
  const window = fc.oneof(
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.integer({ min: 1_000_000, max: 60_000_000 }),
    fc.integer({ min: 1, max: 60 }).map((seconds) => seconds * 1_000_000),
    fc.integer({ min: 60_000_000, max: 2 ** 40 }),
  );
  fc.assert(
    fc.property(window, (windowUsec) => {
      expect(text(writeWindow, windowUsec)).toBe(formatGoDuration(windowUsec * 1000));
      expect(Buffer.byteLength(formatGoDuration(windowUsec * 1000))).toBeLessThanOrEqual(longestWindowBytes);
    }),
    { numRuns: 2_000 },
  );
});
