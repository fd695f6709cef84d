import { expect, test } from 'vitest';
import { WriteDistance, type WriteOutcome } from './write-distance.ts';

const distances = { leastMs: 1_000, longestMs: 60_000 };

/** Waits of tries that follow each other as soon as they may. */
function waits(distance: WriteDistance, outcomes: readonly WriteOutcome[], fromMs = 0): number[] {
  let nowMs = fromMs;
  return outcomes.map((outcome) => {
    const ms = distance.after(outcome, nowMs);
    nowMs += ms;
    return ms;
  });
}

test('WriteDistance.after() doubles from a second up to a minute', () => {
  expect(waits(new WriteDistance(distances), Array(9).fill('tried'))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
  ]);
});

test('WriteDistance.after() of conflicts hurries once, then keeps the usual distance', () => {
  const distance = new WriteDistance(distances);
  expect(waits(distance, ['conflict', 'conflict', 'conflict', 'tried', 'conflict'])).toEqual([
    100, 1_000, 2_000, 4_000, 8_000,
  ]);
});

test('WriteDistance.after() hurries at the first conflict after a write too', () => {
  expect(waits(new WriteDistance(distances), ['tried', 'conflict', 'conflict'])).toEqual([1_000, 100, 2_000]);
});

test('WriteDistance.after() starts anew after two minutes of peace, not before', () => {
  const distance = new WriteDistance(distances);
  waits(distance, ['tried', 'conflict', 'tried']);
  expect(distance.after('tried', 3_100 + 120_000 - 2_000)).toBe(4_000);
  const rested = new WriteDistance(distances);
  rested.after('conflict', 0);
  rested.after('tried', 100);
  expect(rested.after('tried', 120_100)).toBe(2_000);
  expect(waits(rested, ['conflict', 'tried'], 240_101)).toEqual([100, 1_000]);
});

test('WriteDistance.after() lets two that undo each other’s writes write once a minute each', () => {
  const replicas = [new WriteDistance(distances), new WriteDistance(distances)];
  const mayWriteAtMs = [0, 0];
  const writes: number[] = [];
  for (let turn = 0; turn < 60; turn += 1) {
    const who = turn % 2;
    const nowMs = Math.max(mayWriteAtMs[who] ?? 0, writes.at(-1) ?? 0);
    writes.push(nowMs);
    mayWriteAtMs[who] = nowMs + (replicas[who]?.after('tried', nowMs) ?? 0);
  }
  expect(writes.filter((atMs) => atMs > 600_000 && atMs <= 1_200_000)).toHaveLength(20);
});
