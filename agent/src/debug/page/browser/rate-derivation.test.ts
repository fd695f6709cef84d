import { expect, test } from 'vitest';
import { counterWords, rateDerivation, rateWords } from './rate-derivation.ts';

const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
const counters = [
  { at: at(0), cpuUsageUsec: 1_000_000 },
  { at: at(5_000), cpuUsageUsec: 1_200_000 },
  { at: at(10_001), cpuUsageUsec: 1_500_000 },
];
const plain = (words: string) => words.replaceAll('\u202f', '');

test('rateDerivation() finds the reading that is a window older, times being rounded to a millisecond', () => {
  const rate = { cpuNanocores: 50_000_000, windowUsec: 10_000_400 };
  const derivation = rateDerivation(counters, rate);
  expect(derivation).toMatchObject({ from: counters[0], to: counters[2], countedUsec: 500_000 });
  expect(plain(rateWords(rate, derivation))).toBe('500000 µs ÷ 10.00 s = 50.0 m over a window of 10.00 s');
  expect(plain(counterWords(counters, derivation))).toMatch(/^1000000 µs at \S+ → 1500000 µs at \S+$/);
});

test('rateDerivation() counts from zero where the window reaches back to the start of a young container', () => {
  const young = [{ at: at(4_000), cpuUsageUsec: 400_000 }];
  const rate = { cpuNanocores: 100_000_000, windowUsec: 4_000_000 };
  const derivation = rateDerivation(young, rate);
  expect(derivation).toEqual({ to: young[0], countedUsec: 400_000, ...rate });
  expect(counterWords(young, derivation)).toMatch(/^0 µs at its start → /);
});

test('rateDerivation() does not claim a start where the first reading is only no longer kept', () => {
  const rate = { cpuNanocores: 50_000_000, windowUsec: 300_000_000 };
  expect(rateDerivation(counters, rate)).toBeUndefined();
  expect(rateWords(rate, undefined)).toBe(
    '50.0 m over a window of 5 min; its first reading is no longer kept',
  );
});

test('counterWords() and rateWords() say what is missing', () => {
  expect(counterWords([], undefined)).toBe('No reading is kept yet.');
  expect(counterWords([{ at: at(0) }], undefined)).toMatch(/the kernel gave no CPU time/);
  expect(rateWords(undefined, undefined)).toBe('No rate.');
  expect(rateDerivation(counters, undefined)).toBeUndefined();
});
