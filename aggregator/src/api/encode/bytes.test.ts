import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  longestNumberBytes,
  writeBytes,
  writeDecimal,
  writeFew,
  writeLengthBefore,
  writeVarint,
} from './bytes.ts';

const count = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.constantFrom(0, 9, 10, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1),
);

/** What was written behind some other bytes. */
function written(write: (out: Uint8Array, offset: number) => number): Buffer {
  const out = Buffer.alloc(64, 0xee);
  const end = write(out, 3);
  expect(out.subarray(0, 3)).toEqual(Buffer.alloc(3, 0xee));
  return out.subarray(3, end);
}

test('writeDecimal() writes what String() says', () => {
  fc.assert(
    fc.property(count, (value) => {
      const bytes = written((out, offset) => writeDecimal(out, offset, value));
      expect(bytes.toString()).toBe(String(value));
      expect(bytes.length).toBeLessThanOrEqual(longestNumberBytes);
    }),
  );
});

test('writeVarint() writes seven bits a byte, the lowest first', () => {
  expect([...written((out, offset) => writeVarint(out, offset, 0))]).toEqual([0]);
  expect([...written((out, offset) => writeVarint(out, offset, 300))]).toEqual([0xac, 0x02]);
  fc.assert(
    fc.property(count, (value) => {
      const bytes = written((out, offset) => writeVarint(out, offset, value));
      expect(bytes.reduceRight((sum, byte) => sum * 128n + BigInt(byte & 0x7f), 0n)).toBe(BigInt(value));
      expect(bytes.every((byte, index) => byte >= 128 === index < bytes.length - 1)).toBe(true);
    }),
  );
});

test.each([writeBytes, writeFew])('%o copies', (write) => {
  expect(written((out, offset) => write(out, offset, Buffer.from('abc'))).toString()).toBe('abc');
});

test.each([0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152])(
  'writeLengthBefore() makes room for the length %i',
  (length) => {
    const out = Buffer.alloc(length + 8);
    out.fill(7, 2, 2 + length);
    const end = writeLengthBefore(out, 1, 2 + length);
    const prefix = Buffer.alloc(8);
    const expected = Buffer.concat([
      prefix.subarray(0, writeVarint(prefix, 0, length)),
      Buffer.alloc(length, 7),
    ]);
    expect(out.subarray(1, end).equals(expected)).toBe(true);
  },
);
