import { getHeapStatistics } from 'node:v8';
import { expect, it } from 'vitest';
import { createCgroupTree, createCgroupUsage } from '../src/index.ts';
import { createFixtureTree } from './fixture-tree.ts';

const READS = 10_000;

/**
 * The engine's own count of all bytes ever allocated, which no collection makes smaller. What remains after warming up
 * are boxed doubles (12 to 24 bytes each) and the compiler at work: the least of several rounds is the reading itself.
 * One string of memory.stat, or one object for each reading with its two dozen fields, would be far above the limit.
 */
const LIMIT_BYTES_PER_READ = 160;

it('Cgroup.read() makes no strings and no objects', () => {
  using tree = createFixtureTree({
    'web/cpu.stat': 'usage_usec 126525473\nuser_usec 82212448\nsystem_usec 44313024\n',
    'web/memory.current': '626851840\n',
    'web/memory.stat': `anon 190619648\nfile 437133312\n${'padding 1234567\n'.repeat(40)}inactive_file 148209664\n`,
    'web/memory.swap.current': '45056\n',
  });
  const cgroup = createCgroupTree({ mode: 'v2', directory: tree.directory }).open('web');
  const usage = createCgroupUsage();
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 100 && least >= LIMIT_BYTES_PER_READ; round += 1) {
    const before = getHeapStatistics().total_allocated_bytes;
    for (let count = 0; count < READS; count += 1) cgroup.read(usage);
    least = Math.min(least, (getHeapStatistics().total_allocated_bytes - before) / READS);
  }
  cgroup.close();
  expect(usage.workingSetBytes).toBe(626851840 - 148209664);
  expect(least).toBeLessThan(LIMIT_BYTES_PER_READ);
});
