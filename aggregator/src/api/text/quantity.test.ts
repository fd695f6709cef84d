import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatBytes, formatNanocores } from './quantity.ts';

/** Reads a quantity by its definition, in units of 10^-9. */
function parseQuantity(quantity: string): bigint {
  const nano: Record<string, bigint> = { n: 1n, u: 10n ** 3n, m: 10n ** 6n, '': 10n ** 9n };
  for (const [index, suffix] of [...'kMGTPE'].entries()) nano[suffix] = 10n ** BigInt(12 + 3 * index);
  for (const [index, suffix] of [...'KMGTPE'].entries())
    nano[`${suffix}i`] = 10n ** 9n * 1024n ** BigInt(index + 1);
  const [, digits = '', suffix = '?'] = /^([1-9]\d*|0)(.*)$/.exec(quantity) ?? [];
  const factor = nano[suffix];
  if (factor === undefined) throw new Error(`not a quantity: ${quantity}`);
  return BigInt(digits) * factor;
}

const int64 = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
/** Values with many trailing zeros, in either radix. */
const round = fc
  .tuple(fc.bigInt({ min: 0n, max: 9999n }), fc.nat({ max: 4 }), fc.constantFrom(1000n, 1024n))
  .map(([digits, power, radix]) => digits * radix ** BigInt(power));

test('formatNanocores() keeps every value exactly', () => {
  fc.assert(fc.property(fc.oneof(int64, round), (nano) => parseQuantity(formatNanocores(nano)) === nano));
});

test('formatBytes() keeps every value exactly', () => {
  fc.assert(
    fc.property(fc.oneof(int64, round), (bytes) => parseQuantity(formatBytes(bytes)) === bytes * 10n ** 9n),
  );
});

test('formatNanocores() and formatBytes() do not tell a number from a bigint', () => {
  const safe = fc.oneof(fc.maxSafeNat(), round.map(Number).filter(Number.isSafeInteger));
  fc.assert(
    fc.property(safe, (value) => {
      expect(formatNanocores(value)).toBe(formatNanocores(BigInt(value)));
      expect(formatBytes(value)).toBe(formatBytes(BigInt(value)));
    }),
  );
});

test('formatNanocores() leaves no factor of 1000 in front of the suffix', () => {
  fc.assert(fc.property(round, (nano) => nano === 0n || !/000[a-zA-DF-Z]?$/.test(formatNanocores(nano))));
});
