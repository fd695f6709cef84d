import { expect, test } from 'vitest';
import { BytesBySecond } from './bytes-by-second.ts';

test('of() encodes each second once, and goes on when there were many', () => {
  const encoded: number[] = [];
  const bySecond = new BytesBySecond((timestampMs) => {
    encoded.push(timestampMs);
    return Buffer.from(String(Math.floor(timestampMs / 1000)));
  });
  const text = (timestampMs: number) => Buffer.from(bySecond.of(timestampMs)).toString();

  expect([text(1_000), text(1_999), text(2_000)]).toEqual(['1', '1', '2']);
  expect(encoded).toEqual([1_000, 2_000]);
  for (let second = 3; second < 1_000; second += 1) expect(text(second * 1000)).toBe(String(second));
  expect(text(1_000)).toBe('1');
});
