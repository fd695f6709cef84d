import { expect, test } from 'vitest';
import { age, mebibytes, millicores, seconds } from './number-text.ts';

test.each([
  [0, '0m'],
  [400_000, '0.4m'],
  [1_000_000, '1m'],
  [1_234_567, '1.2m'],
  [9_960_000, '10m'],
  [250_400_000, '250m'],
])('millicores(%d) is %s', (nanocores, text) => {
  expect(millicores(nanocores)).toBe(text);
});

test('mebibytes() and seconds() have one decimal', () => {
  expect([mebibytes(0), mebibytes(136_524_595), seconds(9_999_000)]).toEqual(['0.0Mi', '130.2Mi', '10.0s']);
});

test.each([
  ['2026-01-01T00:00:00.000Z', '47h', 172_800_000 - 1],
  ['2026-01-01T00:00:00.000Z', '2d', 172_800_000],
  ['2026-01-01T00:00:00.000Z', '1.5s', 1_500],
  ['2026-01-01T00:00:00.000Z', '2m', 120_000],
  ['2026-01-01T00:00:00.000Z', '0.0s', -5],
])('age() from %s is %s after %d ms', (at, text, ms) => {
  expect(age(at, new Date(Date.parse(at) + ms).toISOString())).toBe(text);
});
