import { pid } from 'node:process';
import { expect, test } from 'vitest';
import { parseSmapsRollup, parseStat, processFootprint } from './process-footprint.ts';

test('parseStat() is not misled by a name with spaces and brackets', () => {
  const text = '12 (a ) 1 2) S 1 12 12 0 -1 4194304 10 0 0 0 150 25 3 4 20 0 11 0 99 1 2 3\n';
  expect(parseStat(text)).toEqual({ cpuMs: 1_750, threads: 11 });
});

test('parseSmapsRollup() takes Rss and Anonymous, and nothing that only begins like them', () => {
  const text = 'Rss:               77824 kB\nAnonymous:         25600 kB\nAnonHugePages:         0 kB\n';
  expect(parseSmapsRollup(text)).toEqual({ rssMiB: 76, anonymousMiB: 25 });
});

test('processFootprint() of this process has figures that can be true', () => {
  const { anonymousMiB, cpuMs, descriptors, rssMiB, threads } = processFootprint(pid);
  expect(cpuMs).toBeGreaterThan(0);
  expect(rssMiB).toBeGreaterThan(anonymousMiB);
  expect(anonymousMiB).toBeGreaterThan(1);
  expect(threads).toBeGreaterThan(1);
  expect(descriptors).toBeGreaterThan(2);
});
