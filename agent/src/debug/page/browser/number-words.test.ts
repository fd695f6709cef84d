import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bytesWords,
  clockWords,
  countWords,
  cpuWords,
  durationWords,
  percentWords,
  plural,
  unknown,
} from './number-words.ts';

const plain = (words: string) => words.replaceAll('\u202f', '');

test.each([
  [0, '0.00 m'],
  [1_000_000, '1.00 m'],
  [9_994_000, '9.99 m'],
  [12_340_000, '12.3 m'],
  [1_234_500_000, '1235 m'],
])('cpuWords() writes %d nanocores as %s', (nanocores, words) => {
  expect(plain(cpuWords(nanocores))).toBe(words);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.00 KiB'],
  [15 * 2 ** 20, '15.0 MiB'],
  [500 * 2 ** 30, '500 GiB'],
  [2 ** 60, '1024 PiB'],
])('bytesWords() writes %d as %s', (bytes, words) => expect(plain(bytesWords(bytes))).toBe(words));

test.each([
  [0, '0 µs'],
  [999, '999 µs'],
  [1_500, '1.5 ms'],
  [10_000_000, '10 s'],
  [9_998_500, '10.00 s'],
  [600_000_000, '10 min'],
  [7_200_000_000, '2 h'],
  [86_400_000_000 * 3, '3 d'],
])('durationWords() writes %d µs as %s', (usec, words) => expect(durationWords(usec)).toBe(words));

test('no words show an unknown number as a number', () => {
  for (const words of [cpuWords, bytesWords, durationWords, percentWords, countWords])
    expect(words(undefined)).toBe(unknown);
  expect(clockWords(undefined)).toBe(unknown);
});

test('percentWords() shows small parts and does not make them zero', () => {
  expect([0, 0.4, 3.21, 34.5, 100].map((percent) => percentWords(percent))).toEqual([
    '0 %',
    '0.4 %',
    '3.2 %',
    '35 %',
    '100 %',
  ]);
});

test('countWords() keeps every digit', () => {
  expect(plain(countWords(1_234_567.891))).toBe('1234567.891');
  fc.assert(fc.property(fc.maxSafeInteger(), (count) => Number(plain(countWords(count))) === count));
});

test('clockWords() gives back what is no time', () => {
  expect(clockWords('never')).toBe('never');
  expect(clockWords('2026-01-01T00:00:07.900Z')).toMatch(/^\d\d:\d\d:07$/);
});

test('plural() leaves one alone', () => {
  expect([0, 1, 2].map((count) => plural(count, 'pod'))).toEqual(['0 pods', '1 pod', '2 pods']);
});
