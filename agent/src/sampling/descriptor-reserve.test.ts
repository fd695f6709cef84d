import type { FileCalls } from 'node-cgroup-stats';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { DescriptorReserve, openFilesLimit } from './descriptor-reserve.ts';

/** A process with so many descriptors, of which the numbers below 10 are taken. */
function fixtureProcess(limit: number) {
  const open = new Set<number>();
  const said: string[] = [];
  const process = { limit, open, said };
  const calls: FileCalls = {
    exists: () => true,
    open() {
      let lowest = 10;
      while (open.has(lowest)) lowest += 1;
      if (lowest >= process.limit) throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
      open.add(lowest);
      return lowest;
    },
    read: () => 0,
    close: (descriptor) => void open.delete(descriptor),
  };
  const log = pino({}, { write: (line: string) => said.push((JSON.parse(line) as { msg: string }).msg) });
  const reserve = new DescriptorReserve({ log, calls, limit: () => process.limit });
  return { ...process, process, reserve };
}

const opened = (reserve: DescriptorReserve, count: number) =>
  Array.from({ length: count }, (_, at) => {
    try {
      return reserve.calls.open(`/f${at}`);
    } catch (error) {
      return (error as { code?: string }).code;
    }
  });

test('DescriptorReserve keeps a quarter back, at most 64, and gives that to admitted files only', () => {
  const { open, reserve } = fixtureProcess(100);
  reserve.admit(['/root']);
  expect(opened(reserve, 70).filter((each) => each === 'EMFILE')).toHaveLength(5);
  expect(open.size).toBe(65);
  expect(reserve.calls.open('/root')).toBe(75);
  const large = fixtureProcess(10_000);
  expect(opened(large.reserve, 10_000).filter((each) => each !== 'EMFILE')).toHaveLength(10_000 - 64 - 10);
});

test('DescriptorReserve says once that descriptors are short, and once that they suffice again', () => {
  const { process, reserve, said } = fixtureProcess(100);
  reserve.afterTick();
  for (let tick = 0; tick < 3; tick += 1) {
    opened(reserve, 70);
    reserve.afterTick();
  }
  expect(said).toEqual([expect.stringContaining('too few file descriptors')]);
  process.limit = 1_000;
  opened(reserve, 70);
  reserve.afterTick();
  opened(reserve, 70);
  reserve.afterTick();
  reserve.afterTick();
  expect(said.slice(1)).toEqual(['file descriptors suffice again']);
});

test('DescriptorReserve passes other failures on, and takes an unknown limit for none', () => {
  const calls: FileCalls = {
    exists: () => true,
    open: () => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    },
    read: () => 0,
    close: () => undefined,
  };
  const said: string[] = [];
  const log = pino({}, { write: (line: string) => said.push(line) });
  const refused = new DescriptorReserve({ log, calls, limit: () => undefined });
  expect(opened(refused, 1)).toEqual(['EACCES']);
  const free = new DescriptorReserve({ log, calls: { ...calls, open: () => 1e6 }, limit: () => undefined });
  expect(opened(free, 1)).toEqual([1e6]);
  refused.afterTick();
  free.afterTick();
  expect(said).toEqual([]);
});

test('openFilesLimit() reads the soft limit', () => {
  const line = (soft: string) =>
    `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${soft}                 4096                 files\n`;
  expect(openFilesLimit(line('1024'))).toBe(1_024);
  expect(openFilesLimit(line('unlimited'))).toBeUndefined();
  expect(openFilesLimit('')).toBeUndefined();
});
