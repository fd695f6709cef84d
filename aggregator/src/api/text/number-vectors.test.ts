/** What the Go libraries behind Kubernetes make of these numbers. */
import { describe, expect, test } from 'vitest';
import { formatGoDuration } from './go-duration.ts';
import { formatBytes, formatNanocores } from './quantity.ts';
import { timestampJson } from './rfc3339.ts';

/** What a client's MilliValue() makes of a canonical quantity: rounded up. */
function milli(quantity: string): bigint {
  const exponents: Record<string, number> = { n: 0, u: 3, m: 6, '': 9, k: 12, M: 15, G: 18 };
  const [, digits = '', suffix = ''] = /^(\d+)(.*)$/.exec(quantity) ?? [];
  return (BigInt(digits) * 10n ** BigInt(exponents[suffix] ?? -1) + 999_999n) / 1_000_000n;
}

describe('formatNanocores()', () => {
  test.each<[bigint, string, bigint]>([
    [0n, '0', 0n],
    [1n, '1n', 1n],
    [9n, '9n', 1n],
    [10n, '10n', 1n],
    [999n, '999n', 1n],
    [1000n, '1u', 1n],
    [1001n, '1001n', 1n],
    [1500n, '1500n', 1n],
    [999999n, '999999n', 1n],
    [1000000n, '1m', 1n],
    [1500000n, '1500u', 2n],
    [12345591n, '12345591n', 13n],
    [123456789n, '123456789n', 124n],
    [250000000n, '250m', 250n],
    [500000000n, '500m', 500n],
    [999999999n, '999999999n', 1000n],
    [1000000000n, '1', 1000n],
    [1500000000n, '1500m', 1500n],
    [12000000000n, '12', 12000n],
    [123000000000n, '123', 123000n],
    [1000000000000n, '1k', 1000000n],
    [1234567890123456789n, '1234567890123456789n', 1234567890124n],
    [9223372036854775807n, '9223372036854775807n', 9223372036855n],
  ])('%s: %s, in milli-units %s', (nanocores, quantity, milliValue) => {
    expect(formatNanocores(nanocores)).toBe(quantity);
    if (nanocores <= Number.MAX_SAFE_INTEGER) expect(formatNanocores(Number(nanocores))).toBe(quantity);
    expect(milli(quantity)).toBe(milliValue);
  });

  test('of a sum: 500000000 + 500000000', () => {
    expect(formatNanocores(500000000 + 500000000)).toBe('1');
  });
});

describe('formatBytes()', () => {
  test.each<[bigint, string]>([
    [0n, '0'],
    [1n, '1'],
    [500n, '500'],
    [999n, '999'],
    [1000n, '1k'],
    [1001n, '1001'],
    [1023n, '1023'],
    [1024n, '1Ki'],
    [1025n, '1025'],
    [1536n, '1536'],
    [2048n, '2Ki'],
    [10240n, '10Ki'],
    [1000000n, '1000000'],
    [1048575n, '1048575'],
    [1048576n, '1Mi'],
    [1572864n, '1536Ki'],
    [3221225472n, '3Gi'],
    [1000000001n, '1000000001'],
    [1099511627776n, '1Ti'],
    [1125899906842624n, '1Pi'],
    [1152921504606846976n, '1Ei'],
    [9223372036854775807n, '9223372036854775807'],
  ])('%s: %s', (bytes, quantity) => {
    expect(formatBytes(bytes)).toBe(quantity);
    if (bytes <= Number.MAX_SAFE_INTEGER) expect(formatBytes(Number(bytes))).toBe(quantity);
  });

  test('of a sum: 512 + 512', () => {
    expect(formatBytes(512 + 512)).toBe('1Ki');
  });
});

test.each<[number, string]>([
  [0, '0s'],
  [1, '1ns'],
  [999, '999ns'],
  [1000, '1µs'],
  [1500, '1.5µs'],
  [1000000, '1ms'],
  [1500000, '1.5ms'],
  [999000000, '999ms'],
  [1000000000, '1s'],
  [1500000000, '1.5s'],
  [9980000000, '9.98s'],
  [15123456789, '15.123456789s'],
  [59999999999, '59.999999999s'],
  [60000000000, '1m0s'],
  [61000000000, '1m1s'],
  [3600000000000, '1h0m0s'],
  [3661500000000, '1h1m1.5s'],
  [86400000000000, '24h0m0s'],
])('formatGoDuration() %s: %s', (nanoseconds, duration) => {
  expect(formatGoDuration(nanoseconds)).toBe(duration);
});

test.each<[number, string]>([
  [1795348842123, '"2026-11-22T12:00:42Z"'],
  [0, '"1970-01-01T00:00:00Z"'],
])('timestampJson() %s: %s', (milliseconds, json) => {
  expect(timestampJson(milliseconds)).toBe(json);
});
