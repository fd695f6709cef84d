import { join } from 'node:path';
import { expect, it } from 'vitest';
import { signalTexts, signalTextsV1 } from '../test/fixture-signal-texts.ts';
import { createFixtureTree, type FixtureTree } from '../test/fixture-tree.ts';
import type { CgroupSignals } from './cgroup-signals.ts';
import { type FileCalls, hostFileCalls } from './file-calls.ts';
import type { LegacyLayout } from './layout.ts';
import type { SignalHierarchies } from './signal-hierarchies.ts';
import { createSignalReader } from './signal-reader.ts';

function finish<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function kernel(tree: FixtureTree, release: string): string {
  tree.write('proc/sys/kernel/osrelease', `${release}\n`);
  return join(tree.directory, 'proc');
}

function readV2(tree: FixtureTree, release = '6.18.0', calls: FileCalls = hostFileCalls, child?: string) {
  const layout = { mode: 'v2', directory: tree.directory } as const;
  const reader = createSignalReader(layout, { procDirectory: kernel(tree, release), calls });
  return finish(reader.cgroup('web', child));
}

function readV1(tree: FixtureTree, hierarchies: SignalHierarchies, release = '6.18.0') {
  const at = (name: string) => join(tree.directory, name);
  const layout: LegacyLayout = {
    mode: 'hybrid',
    memoryDirectory: at('memory'),
    cpuacctDirectory: at('cpuacct'),
    cpuDirectory: at('cpu'),
  };
  const reader = createSignalReader(layout, { procDirectory: kernel(tree, release), hierarchies });
  return { cgroup: finish(reader.cgroup('web')), root: finish(reader.root()) };
}

function signalsOf(reading: ReturnType<typeof readV2>): CgroupSignals {
  if (reading === 'gone') throw new Error('Expected signals, found gone');
  return reading.signals;
}

const values = (signals: object) =>
  Object.fromEntries(
    Object.entries(signals).map(([name, signal]) => [
      name,
      signal.status === 'ok' ? signal.value : signal.status,
    ]),
  );
const below = (folder: string, texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${folder}/${name}`, text]));

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

it.for(['4.5.7', '6.18.44', ''])(
  'SignalReader gives a reason for each signal that is not there, on kernel "%s"',
  (release) => {
    using tree = createFixtureTree({ 'web/cpu.stat': 'usage_usec 1\n', 'memory/web/cgroup.procs': '' });
    const all = [
      signalsOf(readV2(tree, release)),
      signalsOf(readV1(tree, {}, release).cgroup),
      readV1(tree, {}).root,
    ];
    for (const signals of all) {
      for (const [name, signal] of Object.entries(signals)) {
        expect({ name, status: signal.status }).toEqual({ name, status: 'absent' });
        expect(signal.why).toMatch(/^\S.{15,}$/);
      }
    }
  },
);

it('SignalReader names the kernel that brought a file, on an older one, and otherwise what it takes', () => {
  using tree = createFixtureTree({ 'web/memory.stat': 'anon 1\n', 'web/cpu.stat': 'usage_usec 1\n' });
  const why = (release: string, name: 'memoryPeakBytes' | 'kernelBytes' | 'throttling') => {
    const signal = signalsOf(readV2(tree, release))[name];
    return signal.status === 'ok' ? '' : signal.why.replaceAll(tree.directory, '');
  };
  expect(why('5.10.0-28', 'memoryPeakBytes')).toBe(
    '/web/memory.peak is not there: it came with kernel 5.19, and this is 5.10.0-28',
  );
  expect(why('6.1.0', 'memoryPeakBytes')).toBe(
    '/web/memory.peak is not there: it takes the memory controller in this cgroup',
  );
  expect(why('5.10.0', 'kernelBytes')).toBe(
    'kernel in /web/memory.stat is not there: it came with kernel 5.18, and this is 5.10.0',
  );
  expect(why('6.1.0', 'throttling')).toBe(
    'throttled_usec in /web/cpu.stat is not there: it takes the cpu controller in this cgroup',
  );
});

it.for(['open', 'read'] as const)(
  'SignalReader says which boot option pressure takes when %s answers EOPNOTSUPP',
  (call) => {
    using tree = createFixtureTree(below('web', signalTexts));
    const refuse = () => {
      throw Object.assign(new Error('as told'), { code: 'EOPNOTSUPP' });
    };
    const signals = signalsOf(readV2(tree, '6.18.0', { ...hostFileCalls, [call]: refuse }));
    expect(signals.cpuPressure).toMatchObject({ status: 'absent', why: expect.stringContaining('psi=1') });
  },
);

it('SignalReader tells what the kernel refused from what is not there, and damaged texts from both', () => {
  using tree = createFixtureTree({
    ...below('web', signalTexts),
    'web/memory.events': 'oom_kill x\nmax 1\n',
  });
  const open = (path: string) => {
    if (path.endsWith('memory.max')) throw Object.assign(new Error('as told'), { code: 'EACCES' });
    return hostFileCalls.open(path);
  };
  const { memoryLimitBytes, oomKills, memoryLimitHits } = signalsOf(
    readV2(tree, '6.18.0', { ...hostFileCalls, open }),
  );
  expect(memoryLimitBytes).toMatchObject({ status: 'unreadable', why: expect.stringContaining('EACCES') });
  expect(oomKills.status).toBe('malformed');
  expect(memoryLimitHits).toEqual({ status: 'ok', value: 1 });
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

it.for([
  ['5.15.0', { status: 'ok', value: [] }],
  ['6.10.0', { status: 'absent', why: expect.stringContaining('6.10') }],
] as const)(
  'SignalReader on kernel %s takes v1 I/O without any device for what it is worth there',
  ([release, io]) => {
    using tree = createFixtureTree({
      ...signalTextsV1('web'),
      'blkio/web/blkio.throttle.io_service_bytes_recursive': 'Total 0\n',
      'blkio/web/blkio.throttle.io_serviced_recursive': 'Total 0\n',
    });
    const { cgroup } = readV1(tree, { blkioDirectory: join(tree.directory, 'blkio') }, release);
    expect(signalsOf(cgroup).io).toEqual(io);
  },
);
