import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { FixtureTree } from '../test/fixture-tree.ts';
import { createFixtureTree } from '../test/fixture-tree.ts';
import { createCgroupTree } from './cgroup-tree.ts';
import { createCgroupUsage } from './cgroup-usage.ts';
import { hostFileCalls } from './file-calls.ts';

const MEMORY = {
  'memory/web/memory.usage_in_bytes': '1000\n',
  'memory/web/memory.stat': 'inactive_file 1\ntotal_swap 50\ntotal_inactive_file 400\n',
};
const CPU = { 'cpuacct/web/cpuacct.usage': '3000000001\n' };
const FILES = { ...MEMORY, ...CPU, 'memory/cgroup.procs': '', 'cpuacct/cgroup.procs': '' };

function open(tree: FixtureTree, deps = {}) {
  const layout = {
    mode: 'v1',
    memoryDirectory: join(tree.directory, 'memory'),
    cpuacctDirectory: join(tree.directory, 'cpuacct'),
    cpuDirectory: undefined,
  } as const;
  const cgroup = createCgroupTree(layout, deps).open('web');
  const usage = createCgroupUsage();
  return { cgroup, usage, [Symbol.dispose]: () => cgroup.close() };
}

it('CgroupV1.read() fills the record from three files, with the hierarchical keys', () => {
  using tree = createFixtureTree(FILES);
  using opened = open(tree, { monotonicUsec: () => 123 });
  expect(opened.cgroup.read(opened.usage)).toBe('ok');
  expect(opened.usage).toEqual({
    sampledAtUsec: 123,
    cpuStatus: 'ok',
    usageSeconds: 3,
    usageNanoseconds: 1,
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

it('CgroupV1.read() says swap is absent without swap accounting', () => {
  using tree = createFixtureTree({ ...FILES, 'memory/web/memory.stat': 'total_inactive_file 400\n' });
  using opened = open(tree);
  opened.cgroup.read(opened.usage);
  expect(opened.usage).toMatchObject({ swapStatus: 'absent', workingSetBytes: 600 });
  expect(opened.usage.swapBytes).toBeNaN();
});

it('CgroupV1.read() reads on while a cgroup is in one hierarchy only, and finds the other when it comes', () => {
  using tree = createFixtureTree({ ...MEMORY, 'cpuacct/cgroup.procs': '' });
  using opened = open(tree);
  expect(opened.cgroup.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({ cpuStatus: 'absent', workingSetBytes: 600 });
  tree.write('cpuacct/web/cpuacct.usage', '7\n');
  expect(opened.cgroup.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({ cpuStatus: 'ok', usageSeconds: 0, usageNanoseconds: 7 });
});

it('CgroupV1.read() reads CPU time where the memory hierarchy has no such cgroup', () => {
  using tree = createFixtureTree({ ...CPU, 'memory/cgroup.procs': '' });
  using opened = open(tree);
  expect(opened.cgroup.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({
    cpuStatus: 'ok',
    memoryUsageStatus: 'absent',
    inactiveFileStatus: 'absent',
    workingSetStatus: 'absent',
    swapStatus: 'absent',
  });
});

it('CgroupV1.read() says gone for a cgroup that is in no hierarchy', () => {
  using tree = createFixtureTree({ 'memory/cgroup.procs': '', 'cpuacct/cgroup.procs': '' });
  using opened = open(tree);
  expect(opened.cgroup.read(opened.usage)).toBe('gone');
});

it('CgroupV1.read() reads on when a cgroup is made while it is first read', () => {
  using tree = createFixtureTree({ 'memory/cgroup.procs': '', 'cpuacct/cgroup.procs': '' });
  const calls = {
    ...hostFileCalls,
    exists(path: string) {
      if (path.endsWith('memory.usage_in_bytes')) tree.write('memory/web/memory.usage_in_bytes', '1000\n');
      return hostFileCalls.exists(path);
    },
  };
  using opened = open(tree, { calls });
  expect(opened.cgroup.read(opened.usage)).toBe('ok');
  for (const [path, text] of Object.entries({ ...MEMORY, ...CPU })) tree.write(path, text);
  expect(opened.cgroup.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({ cpuStatus: 'ok', workingSetBytes: 600 });
});

it.for(['memory.stat', 'memory.usage_in_bytes', 'cpuacct.usage'])(
  'CgroupV1.read() says gone as soon as %s of a removed cgroup does, and stays so',
  (name) => {
    using tree = createFixtureTree(FILES);
    let removedFd = -1;
    const fds = new Map<string, number>();
    const calls = {
      ...hostFileCalls,
      open(path: string) {
        const fd = hostFileCalls.open(path);
        fds.set(path.slice(path.lastIndexOf('/') + 1), fd);
        return fd;
      },
      read(fd: number, buffer: Buffer) {
        if (fd === removedFd) throw Object.assign(new Error('ENODEV'), { code: 'ENODEV' });
        return hostFileCalls.read(fd, buffer);
      },
    };
    using opened = open(tree, { calls });
    expect(opened.cgroup.read(opened.usage)).toBe('ok');
    removedFd = fds.get(name) ?? -1;
    expect(opened.cgroup.read(opened.usage)).toBe('gone');
    removedFd = -1;
    expect(opened.cgroup.read(opened.usage)).toBe('gone');
    const { sampledAtUsec, ...known } = opened.usage;
    expect(Object.values(known).every((field) => field === 'gone' || Number.isNaN(field))).toBe(true);
  },
);
