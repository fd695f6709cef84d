import { join } from 'node:path';
import { expect, it } from 'vitest';
import { below, finish, readV1, readV2, signalsOf, values } from '../test/fixture-signal-reader.ts';
import { signalTexts, signalTextsV1 } from '../test/fixture-signal-texts.ts';
import { createFixtureTree } from '../test/fixture-tree.ts';
import { hostFileCalls } from './file-calls.ts';
import { createSignalReader } from './signal-reader.ts';

const pressure = (avg10: number, totalUsec: number) => {
  const some = { avg10, avg60: 6.44, avg300: 8.94, totalUsec };
  return { some, full: { avg10: 0, avg60: 0, avg300: 0, totalUsec: 0 } };
};

it('SignalReader.cgroup() reads every signal of a v2 cgroup', () => {
  using tree = createFixtureTree(below('web', signalTexts));
  expect(values(signalsOf(readV2(tree)))).toEqual({
    cpuLimit: { quotaUsec: 25_000, periodUsec: 100_000, cores: 0.25 },
    cpuWeight: { kind: 'weight', value: 39 },
    throttling: { periods: 120, throttledPeriods: 118, throttledUsec: 8_840_000, bursts: 2, burstUsec: 7 },
    cpuPressure: pressure(3.55, 10_707_049_747),
    memoryPressure: pressure(0.01, 12),
    ioPressure: pressure(100, 5),
    memoryLimitBytes: 134_217_728,
    memoryHighBytes: 'max',
    memoryLowBytes: 0,
    memoryMinBytes: 4096,
    memoryPeakBytes: 134_000_640,
    oomKills: 3,
    memoryLimitHits: 12,
    anonBytes: 190_619_648,
    fileBytes: 437_133_312,
    inactiveFileBytes: 148_209_664,
    shmemBytes: 8_998_912,
    slabBytes: 21_823_488,
    kernelBytes: 31_457_280,
    swapBytes: 0,
    swapLimitBytes: 1_048_576,
    swapPeakBytes: 8192,
    memoryAndSwapLimitBytes: 'absent',
    pids: 7,
    pidsLimit: 'max',
    pidsPeak: 9,
    io: [{ device: '8:0', readBytes: 90_112, writtenBytes: 4096, reads: 12, writes: 1 }],
  });
});

it('SignalReader.cgroup() reads every signal of a v1 cgroup, each from its hierarchy', () => {
  using tree = createFixtureTree(signalTextsV1('web'));
  const at = (name: string) => join(tree.directory, name);
  const hierarchies = {
    pidsDirectory: at('pids'),
    blkioDirectory: at('blkio'),
    unifiedDirectory: at('unified'),
  };
  expect(values(signalsOf(readV1(tree, hierarchies).cgroup))).toEqual({
    cpuLimit: { quotaUsec: 25_000, periodUsec: 100_000, cores: 0.25 },
    cpuWeight: { kind: 'shares', value: 1024 },
    throttling: {
      periods: 120,
      throttledPeriods: 118,
      throttledUsec: 8_840_000.001,
      bursts: 0,
      burstUsec: 0,
    },
    cpuPressure: pressure(3.55, 10_707_049_747),
    memoryPressure: pressure(0.01, 12),
    ioPressure: pressure(100, 5),
    memoryLimitBytes: 134_217_728,
    memoryHighBytes: 'absent',
    memoryLowBytes: 'absent',
    memoryMinBytes: 'absent',
    memoryPeakBytes: 134_000_640,
    oomKills: 3,
    memoryLimitHits: 12,
    anonBytes: 190_619_648,
    fileBytes: 437_133_312,
    inactiveFileBytes: 148_209_664,
    shmemBytes: 8_998_912,
    slabBytes: 'absent',
    kernelBytes: 31_457_280,
    swapBytes: 45_056,
    swapLimitBytes: 'absent',
    swapPeakBytes: 'absent',
    memoryAndSwapLimitBytes: 'max',
    pids: 7,
    pidsLimit: 'max',
    pidsPeak: 9,
    io: [{ device: '8:0', readBytes: 90_112, writtenBytes: 4096, reads: 12, writes: 1 }],
  });
});

it('SignalReader.root() reads the machine: memory from the root, pressure and kills from procfs', () => {
  using tree = createFixtureTree({
    ...signalTextsV1(''),
    'proc/vmstat': 'nr_free_pages 1\noom_kill 4\n',
    'proc/pressure/cpu': signalTexts['cpu.pressure'],
    'proc/pressure/irq': 'full avg10=0.10 avg60=0.00 avg300=0.00 total=9\n',
  });
  const { root } = readV1(tree, { blkioDirectory: join(tree.directory, 'blkio') });
  expect(values(root)).toMatchObject({
    anonBytes: 190_619_648,
    cpuPressure: pressure(3.55, 10_707_049_747),
    irqPressure: { avg10: 0.1, avg60: 0, avg300: 0, totalUsec: 9 },
    memoryPressure: 'absent',
    oomKills: 4,
    io: [{ device: '8:0' }],
  });
});

it('SignalReader.cgroup() takes the limits of the child when the cgroup has none, as crun leaves it', () => {
  using tree = createFixtureTree({
    ...below('web', { ...signalTexts, 'cpu.max': 'max 100000\n', 'memory.max': 'max\n' }),
    'web/container/cpu.max': '50000 100000\n',
    'web/container/memory.max': '1048576\n',
    'web/container/cpu.stat': 'nr_periods 5\nnr_throttled 4\nthrottled_usec 3\n',
  });
  const reading = readV2(tree, '6.18.0', hostFileCalls, 'container');
  expect(reading).toMatchObject({ limitsPath: 'web/container' });
  expect(values(signalsOf(reading))).toMatchObject({
    cpuLimit: { cores: 0.5 },
    throttling: { periods: 5, throttledPeriods: 4, throttledUsec: 3 },
    memoryLimitBytes: 1_048_576,
  });
  tree.write('web/cpu.max', '25000 100000\n');
  expect(readV2(tree, '6.18.0', hostFileCalls, 'container')).toMatchObject({ limitsPath: 'web' });
});

it('SignalReader.cgroup() is gone when the cgroup is not there, and when it goes while it is read', () => {
  using tree = createFixtureTree(below('web', signalTexts));
  const reader = createSignalReader({ mode: 'v2', directory: tree.directory });
  expect(finish(reader.cgroup('other'))).toBe('gone');
  const steps = reader.cgroup('web');
  steps.next();
  tree.remove('web');
  expect(finish(steps)).toBe('gone');
});
