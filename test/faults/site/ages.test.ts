import { expect, test } from 'vitest';
import { backAfterMs, goneAtMs, oldestMs, type Read } from './ages.ts';

const read = (atMs: number, ageMs: number | undefined, replica = 'a'): Read => ({
  atMs,
  replica,
  nodes: new Map(ageMs === undefined ? [] : [['n1', atMs - ageMs]]),
});
const reads = [
  read(1_000, 900),
  read(2_000, 9_000),
  read(2_500, 1, 'b'),
  read(3_000, undefined),
  read(4_000, 500),
];

test('oldestMs() is the greatest age of the replica and the time that are looked at', () => {
  expect(oldestMs(reads, 'n1', { fromMs: 0, toMs: 2_900 })).toBe(9_000);
  expect(oldestMs(reads, 'n1', { fromMs: 0, toMs: 2_900, replica: 'b' })).toBe(1);
  expect(oldestMs(reads, 'n1', { fromMs: 3_500 })).toBe(500);
});

test('oldestMs() of a node that was missing once is no number of milliseconds', () => {
  expect(oldestMs(reads, 'n1', { fromMs: 0 })).toBe(Number.POSITIVE_INFINITY);
});

test('oldestMs() and backAfterMs() refuse to judge where nothing was read', () => {
  expect(() => oldestMs(reads, 'n1', { fromMs: 5_000 })).toThrow('nothing was read');
  expect(() => backAfterMs(reads, 'n1', 1_000, { fromMs: 5_000 })).toThrow('nothing was read');
});

test('goneAtMs() is when the node was first missing', () => {
  expect(goneAtMs(reads, 'n1', { fromMs: 0 })).toBe(3_000);
  expect(goneAtMs(reads, 'n1', { fromMs: 0, toMs: 2_900 })).toBeUndefined();
});

test('backAfterMs() is when the node was missing or old for the last time', () => {
  expect(backAfterMs(reads, 'n1', 1_000, { fromMs: 1_500 })).toBe(1_500);
  expect(backAfterMs(reads, 'n1', 1_000, { fromMs: 1_500, toMs: 2_900 })).toBe(500);
  expect(backAfterMs(reads, 'n1', 1_000, { fromMs: 3_500 })).toBe(0);
});
