import { join } from 'node:path';
import { expect, it } from 'vitest';
import { below, readV1, readV2, signalsOf } from '../test/fixture-signal-reader.ts';
import { signalTexts, signalTextsV1 } from '../test/fixture-signal-texts.ts';
import { createFixtureTree } from '../test/fixture-tree.ts';
import { hostFileCalls } from './file-calls.ts';

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
