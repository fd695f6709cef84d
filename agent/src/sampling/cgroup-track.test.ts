import { type Cgroup, type CgroupUsage, createCgroupUsage } from 'node-cgroup-stats';
import { expect, test } from 'vitest';
import { CgroupTrack } from './cgroup-track.ts';

const second = 1_000_000;
const windowUsec = 10 * second;
const healthy: Partial<CgroupUsage> = {
  cpuStatus: 'ok',
  usageNanoseconds: 0,
  workingSetStatus: 'ok',
  workingSetBytes: 10,
};

/** A cgroup that answers the given readings one after the other, then `gone`. */
function track(readings: readonly Partial<CgroupUsage>[], startSecond?: number) {
  const rest = [...readings];
  let closed = 0;
  const cgroup: Cgroup = {
    path: '/a',
    files: [],
    read(into) {
      const reading = rest.shift();
      if (reading === undefined) return 'gone';
      Object.assign(into, createCgroupUsage(), healthy, reading);
      return 'ok';
    },
    close() {
      closed += 1;
    },
  };
  const start = startSecond === undefined ? undefined : { startUsec: startSecond * second, cpus: 2 };
  const tracked = new CgroupTrack(cgroup, start);
  return { tracked, closed: () => closed, outcomes: readings.map(() => tracked.read(windowUsec)) };
}

/** A reading at a second, of a CPU counter in seconds. */
const at = (instant: number, cpuSeconds: number, more: Partial<CgroupUsage> = {}) => ({
  sampledAtUsec: instant * second,
  usageSeconds: Math.floor(cpuSeconds),
  usageNanoseconds: Math.round((cpuSeconds % 1) * 1e9),
  ...more,
});

test('CgroupTrack.value() is the rate with the memory of the last reading', () => {
  const { tracked, outcomes } = track([at(0, 1), at(5, 2, { workingSetBytes: 30 })]);
  expect(outcomes).toEqual(['ok', 'ok']);
  expect(tracked.value(windowUsec, 0)).toEqual({
    ...{ cpuNanocores: 200_000_000, windowUsec: 5 * second },
    ...{ memoryWorkingSetBytes: 30, swapBytes: undefined },
  });
});

test('CgroupTrack.value() begins at a start that is known', () => {
  const { tracked } = track([at(4, 2)], 0);
  expect(tracked.value(windowUsec, 0)).toMatchObject({ cpuNanocores: 500_000_000, windowUsec: 4 * second });
});

test.each([
  ['more than all processors could', 1, 2.1],
  ['by less than a second', 0.4, 0.9],
  ['at an instant at which nothing can have been used', 0, 0.1],
])('CgroupTrack drops a start that the counter contradicts: %s', (_, age, cpuSeconds) => {
  expect(track([at(5, cpuSeconds)], 5 - age).tracked.value(windowUsec, 0)).toBe('first');
  const two = track([at(5, cpuSeconds), at(10, cpuSeconds + 1)], 5 - age);
  expect(two.tracked.value(windowUsec, 0)).toMatchObject({ cpuNanocores: 200_000_000 });
});

test('CgroupTrack believes a start that all processors together just allow', () => {
  expect(track([at(5, 2)], 4).tracked.value(windowUsec, 0)).toMatchObject({ cpuNanocores: 2_000_000_000 });
});

test('CgroupTrack keeps a start until the first counter that can be read', () => {
  const unreadable = at(1, 0, { cpuStatus: 'unreadable' });
  const { tracked } = track([unreadable, at(4, 1)], 0);
  expect(tracked.value(windowUsec, 0)).toMatchObject({ cpuNanocores: 250_000_000 });
});

test.each([
  [{ cpuStatus: 'malformed' }, 'cpu malformed'],
  [{ cpuStatus: 'absent' }, 'cpu absent'],
  [{ workingSetStatus: 'malformed' }, 'memory malformed'],
  [{ workingSetStatus: 'unreadable' }, 'memory unreadable'],
] as const)('CgroupTrack.value() of a last reading with %j is "%s", whatever was before', (reading, why) => {
  const { tracked } = track([at(0, 1), at(5, 2), at(10, 3, reading)]);
  expect(tracked.value(windowUsec, 0)).toBe(why);
});

test('CgroupTrack rates over a gap: a reading that failed costs no more than itself', () => {
  const { tracked } = track([at(0, 1), at(5, 0, { cpuStatus: 'malformed' }), at(10, 3)]);
  expect(tracked.value(windowUsec, 0)).toMatchObject({
    cpuNanocores: 200_000_000,
    windowUsec: 10 * second,
  });
});

test('CgroupTrack.value() has swap of zero when it is counted, none when it is not', () => {
  const swap = (reading: Partial<CgroupUsage>) =>
    track([at(0, 1), at(5, 2, reading)]).tracked.value(windowUsec, 0);
  expect(swap({ swapStatus: 'ok', swapBytes: 0 })).toMatchObject({ swapBytes: 0 });
  expect(swap({ swapStatus: 'absent' })).toMatchObject({ swapBytes: undefined });
});

test('CgroupTrack.read() says gone; close() closes the cgroup', () => {
  const { tracked, closed } = track([]);
  expect(tracked.read(windowUsec)).toBe('gone');
  tracked.close();
  expect(closed()).toBe(1);
});
