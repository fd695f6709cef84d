import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { FixtureTree } from '../test/fixture-tree.ts';
import { createFixtureTree } from '../test/fixture-tree.ts';
import type { CgroupTreeOptions } from './cgroup-tree.ts';
import { createCgroupTree } from './cgroup-tree.ts';
import { createCgroupUsage } from './cgroup-usage.ts';

const FILES = {
  'cgroup/cpu.stat': 'usage_usec 3000001\n',
  'cgroup/memory.stat': 'anon 300\nfile 600\ninactive_file 400\n',
  'proc/meminfo': 'MemTotal: 100 kB\nMemFree: 40 kB\nSwapTotal: 10 kB\nSwapFree: 7 kB\n',
};

function openRoot(tree: FixtureTree, options: CgroupTreeOptions = {}) {
  const directory = join(tree.directory, 'cgroup');
  const procDirectory = join(tree.directory, 'proc');
  const root = createCgroupTree({ mode: 'v2', directory }, {}, { procDirectory, ...options }).openRoot();
  const usage = createCgroupUsage();
  return { root, usage, [Symbol.dispose]: () => root.close() };
}

it('RootCgroupV2.read() takes anon + file − inactive_file for memory, and swap from meminfo', () => {
  using tree = createFixtureTree(FILES);
  using opened = openRoot(tree);
  expect(opened.root.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({
    cpuStatus: 'ok',
    usageSeconds: 3,
    usageNanoseconds: 1000,
    memoryUsageBytes: 900,
    inactiveFileBytes: 400,
    workingSetBytes: 500,
    swapStatus: 'ok',
    swapBytes: 3 * 1024,
  });
});

it('RootCgroupV2.read() takes MemTotal − MemFree − inactive_file when asked to', () => {
  using tree = createFixtureTree(FILES);
  using opened = openRoot(tree, { rootMemorySource: 'meminfo' });
  opened.root.read(opened.usage);
  expect(opened.usage).toMatchObject({ memoryUsageBytes: 60 * 1024, workingSetBytes: 60 * 1024 - 400 });
});

it('RootCgroupV2.read() says CPU time is absent before kernel 5.8, whose root has no cpu.stat', () => {
  using tree = createFixtureTree(FILES);
  tree.remove('cgroup/cpu.stat');
  using opened = openRoot(tree);
  expect(opened.root.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({ cpuStatus: 'absent', workingSetBytes: 500 });
  expect(opened.usage.usageSeconds).toBeNaN();
  expect(opened.root.files.at(-1)?.errorCode).toBe('ENOENT');
});

it.for([
  ['file 600\ninactive_file 400\n', 'absent'],
  ['anon 300\ninactive_file 400\n', 'absent'],
  ['anon x\nfile 600\n', 'malformed'],
  ['anon 300\nfile 600', 'malformed'],
] as const)('RootCgroupV2.read() knows no memory from %j: %s', ([text, status]) => {
  using tree = createFixtureTree({ ...FILES, 'cgroup/memory.stat': text });
  using opened = openRoot(tree);
  expect(opened.root.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({
    memoryUsageStatus: status,
    workingSetStatus: status,
    swapBytes: 3072,
  });
  expect(opened.usage.memoryUsageBytes).toBeNaN();
  expect(opened.usage.workingSetBytes).toBeNaN();
});

it('RootCgroupV2.read() says swap is absent without procfs, and loses nothing else', () => {
  using tree = createFixtureTree(FILES);
  tree.remove('proc');
  using opened = openRoot(tree);
  expect(opened.root.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({ swapStatus: 'absent', workingSetBytes: 500, usageSeconds: 3 });
});

it('createCgroupTree().openRoot() reads the root of a cgroup namespace like any cgroup', () => {
  using tree = createFixtureTree({
    ...FILES,
    'cgroup/memory.current': '5000\n',
    'cgroup/memory.swap.current': '70\n',
  });
  using opened = openRoot(tree);
  expect(opened.root.read(opened.usage)).toBe('ok');
  expect(opened.usage).toMatchObject({
    memoryUsageBytes: 5000,
    workingSetBytes: 4600,
    swapBytes: 70,
    usageSeconds: 3,
  });
});

it('createCgroupTree().open() refuses a path that leaves the tree', () => {
  const tree = createCgroupTree({ mode: 'v2', directory: '/nowhere' });
  expect(() => tree.open('a/../../b')).toThrow(
    new RangeError('Cannot open a cgroup: expected a path below the root without "..", found "a/../../b"'),
  );
  expect(tree.open('a..b/c').path).toBe('a..b/c');
});
