import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { FixtureTree } from '../test/fixture-tree.ts';
import { createFixtureTree } from '../test/fixture-tree.ts';
import { createCgroupTree } from './cgroup-tree.ts';
import { createCgroupUsage } from './cgroup-usage.ts';
import { hostFileCalls } from './file-calls.ts';

const FILES = {
  'web/cpu.stat': 'usage_usec 3000001\nuser_usec 2\nsystem_usec 1\n',
  'web/memory.current': '1000\n',
  'web/memory.stat': 'anon 300\nfile 600\ninactive_file 400\n',
  'web/memory.swap.current': '50\n',
};

function open(tree: FixtureTree, deps = {}) {
  const cgroup = createCgroupTree({ mode: 'v2', directory: tree.directory }, deps).open('web');
  const usage = createCgroupUsage();
  return { cgroup, usage, [Symbol.dispose]: () => cgroup.close() };
}

it('CgroupV2.read() fills the record from the four files', () => {
  using tree = createFixtureTree(FILES);
  using opened = open(tree, { monotonicUsec: () => 123 });
  expect(opened.cgroup.read(opened.usage)).toBe('ok');
  expect(opened.usage).toEqual({
    sampledAtUsec: 123,
    cpuStatus: 'ok',
    usageSeconds: 3,
    usageNanoseconds: 1000,
    memoryUsageStatus: 'ok',
    memoryUsageBytes: 1000,
    inactiveFileStatus: 'ok',
    inactiveFileBytes: 400,
    workingSetStatus: 'ok',
    workingSetBytes: 600,
    swapStatus: 'ok',
    swapBytes: 50,
  });
});

it('CgroupV2.read() reads memory.stat before memory.current and cpu.stat last, right before the clock', () => {
  using tree = createFixtureTree(FILES);
  const events: string[] = [];
  const names = new Map<number, string>();
  const calls = {
    ...hostFileCalls,
    open(path: string) {
      const fd = hostFileCalls.open(path);
      names.set(fd, path.slice(path.lastIndexOf('/') + 1));
      return fd;
    },
    read(fd: number, buffer: Buffer) {
      events.push(names.get(fd) ?? 'unknown');
      return hostFileCalls.read(fd, buffer);
    },
  };
  using opened = open(tree, { calls, monotonicUsec: () => events.push('clock') });
  opened.cgroup.read(opened.usage);
  expect(events).toEqual(['memory.stat', 'memory.current', 'memory.swap.current', 'cpu.stat', 'clock']);
});

it('CgroupV2.read() reads anew each time and clamps a working set below zero', () => {
  using tree = createFixtureTree(FILES);
  using opened = open(tree);
  opened.cgroup.read(opened.usage);
  tree.write('web/memory.current', '300\n');
  tree.write('web/cpu.stat', 'usage_usec 0\n');
  opened.cgroup.read(opened.usage);
  expect(opened.usage).toMatchObject({
    workingSetBytes: 0,
    workingSetStatus: 'ok',
    usageSeconds: 0,
    cpuStatus: 'ok',
  });
});

it('CgroupV2.read() takes the usage for the working set when memory.stat has no inactive_file', () => {
  using tree = createFixtureTree({ ...FILES, 'web/memory.stat': 'anon 300\n' });
  using opened = open(tree);
  opened.cgroup.read(opened.usage);
  expect(opened.usage).toMatchObject({
    inactiveFileStatus: 'absent',
    workingSetStatus: 'ok',
    workingSetBytes: 1000,
  });
  expect(opened.usage.inactiveFileBytes).toBeNaN();
});

it('CgroupV2.read() knows no working set when memory.stat is cut, and loses nothing else', () => {
  using tree = createFixtureTree({ ...FILES, 'web/memory.stat': 'anon 300\ninactive_file 4' });
  using opened = open(tree);
  expect(opened.cgroup.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({
    inactiveFileStatus: 'malformed',
    workingSetStatus: 'malformed',
    memoryUsageBytes: 1000,
    swapBytes: 50,
    usageSeconds: 3,
  });
  expect(opened.usage.workingSetBytes).toBeNaN();
});

it('CgroupV2.read() knows no working set without any memory.stat', () => {
  using tree = createFixtureTree(FILES);
  tree.remove('web/memory.stat');
  using opened = open(tree);
  expect(opened.cgroup.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({ workingSetStatus: 'absent', memoryUsageBytes: 1000 });
  expect(opened.usage.workingSetBytes).toBeNaN();
});

it('CgroupV2.read() tells memory that the controller does not count from zero', () => {
  using tree = createFixtureTree({ 'web/cpu.stat': 'usage_usec 0\n' });
  using opened = open(tree);
  expect(opened.cgroup.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({
    cpuStatus: 'ok',
    usageSeconds: 0,
    usageNanoseconds: 0,
    memoryUsageStatus: 'absent',
    workingSetStatus: 'absent',
    swapStatus: 'absent',
  });
  expect(opened.usage.memoryUsageBytes).toBeNaN();
  expect(opened.usage.swapBytes).toBeNaN();
});

it('CgroupV2.read() forgets a number that stops being readable, and names the errno', () => {
  using tree = createFixtureTree(FILES);
  let refuse = false;
  const calls = {
    ...hostFileCalls,
    read(fd: number, buffer: Buffer) {
      if (refuse) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      return hostFileCalls.read(fd, buffer);
    },
  };
  using opened = open(tree, { calls });
  opened.cgroup.read(opened.usage);
  refuse = true;
  expect(opened.cgroup.read(opened.usage)).toBe('ok');
  const { sampledAtUsec, ...known } = opened.usage;
  expect(Object.values(known).every((field) => field === 'unreadable' || Number.isNaN(field))).toBe(true);
  expect(opened.cgroup.files.map((file) => file.errorCode)).toEqual(['EIO', 'EIO', 'EIO', 'EIO']);
});

it('CgroupV2.read() says gone for a cgroup that never was, and stays so when one is made', () => {
  using tree = createFixtureTree();
  using opened = open(tree);
  expect(opened.cgroup.read(opened.usage)).toBe('gone');
  for (const [path, text] of Object.entries(FILES)) tree.write(path, text);
  expect(opened.cgroup.read(opened.usage)).toBe('gone');
  const { sampledAtUsec, ...known } = opened.usage;
  expect(Object.values(known).every((field) => field === 'gone' || Number.isNaN(field))).toBe(true);
});

it.for([0, 1, 2, 3])(
  'CgroupV2.read() gives all descriptors back once file %i of its four is gone',
  (index) => {
    using tree = createFixtureTree(FILES);
    const before = readdirSync('/proc/self/fd').length;
    const fds: number[] = [];
    let removed = false;
    const calls = {
      ...hostFileCalls,
      open(path: string) {
        const fd = hostFileCalls.open(path);
        fds.push(fd);
        return fd;
      },
      read(fd: number, buffer: Buffer) {
        if (removed && fd === fds[index]) throw Object.assign(new Error('ENODEV'), { code: 'ENODEV' });
        return hostFileCalls.read(fd, buffer);
      },
    };
    using opened = open(tree, { calls });
    opened.cgroup.read(opened.usage);
    expect(readdirSync('/proc/self/fd')).toHaveLength(before + 4);
    removed = true;
    expect(opened.cgroup.read(opened.usage)).toBe('gone');
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  },
);

it('CgroupV2.close() may be called twice; a reading after it says gone', () => {
  using tree = createFixtureTree(FILES);
  using opened = open(tree);
  opened.cgroup.read(opened.usage);
  opened.cgroup.close();
  opened.cgroup.close();
  expect(opened.cgroup.read(opened.usage)).toBe('gone');
});
