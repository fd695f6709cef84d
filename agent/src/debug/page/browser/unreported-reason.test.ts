import { expect, test } from 'vitest';
import type { NotReportedState } from '../../debug-state.ts';
import { unreportedReason } from './unreported-reason.ts';

const owner = {
  what: 'container',
  namespace: 'default',
  pod: 'web',
  container: 'app',
  sentence: '',
} as const;
const usage = { cpuNanocores: 1, windowUsec: 1, memoryWorkingSetBytes: 1 };
const live = { containerId: 'b', cgroupPath: '/kubepods/pod1/b' };
const ended: NotReportedState = { ...owner, code: 'no-cgroup', containerId: 'a' };
const draining: NotReportedState = { ...owner, code: 'superseded', cgroupPath: '/kubepods/pod1/a' };

test.each([ended, draining])(
  'unreportedReason() has none for a container whose earlier run is $code',
  (earlier) => {
    expect(unreportedReason([earlier], live)).toBeUndefined();
    expect(unreportedReason([earlier], { ...live, pushed: usage })).toBeUndefined();
  },
);

test('unreportedReason() finds a container by its cgroup or its ID, while it is in no report', () => {
  const byCgroup: NotReportedState = { ...owner, code: 'first', cgroupPath: live.cgroupPath };
  const byId: NotReportedState = { ...owner, code: 'no-cgroup', containerId: live.containerId };
  expect(unreportedReason([ended, byCgroup], live)).toBe(byCgroup);
  expect(unreportedReason([ended, byId], live)).toBe(byId);
  expect(unreportedReason([byCgroup], { ...live, pushed: usage })).toBeUndefined();
});
