import { expect, test } from 'vitest';
import { newRunName, runOwnerPid } from './run-name.ts';

test('runOwnerPid() finds the pid that newRunName() put in', () => {
  expect(runOwnerPid(newRunName(4711))).toBe(4711);
});

test('newRunName() gives two runs of one process two names', () => {
  expect(newRunName(1)).not.toBe(newRunName(1));
});

test.each(['tacho-kernel-12-abcdef01', 'tacho-12', 'tacho-12-xyz', 'kubepods', 'tacho-12-abcdef012'])(
  'runOwnerPid() leaves %s alone',
  (name) => {
    expect(runOwnerPid(name)).toBeUndefined();
  },
);
