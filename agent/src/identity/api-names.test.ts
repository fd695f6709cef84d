import { expect, test } from 'vitest';
import { ApiNames } from './api-names.ts';
import type { ApiPod } from './api-pod.ts';

const id = (digit: string) => digit.repeat(64);
const pod = (uid: string, ...digits: string[]): ApiPod => ({
  metadata: { name: 'web-0', namespace: 'default', uid },
  status: {
    containerStatuses: digits.map((digit, index) => ({
      ...{ name: `c${index}`, containerID: `containerd://${id(digit)}` },
      state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
    })),
  },
});

test('ApiNames has nothing and says so until it is told', () => {
  const names = new ApiNames();
  expect([names.get(id('1')), names.problem]).toEqual([undefined, expect.stringContaining('not told')]);
});

test('ApiNames.set() replaces what a pod’s status said before', () => {
  const names = new ApiNames();
  names.set(pod('u', '1', '2'));
  names.set(pod('u', '2', '3'));
  expect([...names.all()].map(({ containerId }) => containerId[0]).sort()).toEqual(['2', '3']);
  expect([names.get(id('1')), names.get(id('2'))?.container]).toEqual([undefined, 'c0']);
});

test('ApiNames.set() of a pod made anew under the same name forgets the one before', () => {
  const names = new ApiNames();
  names.set(pod('old', '1'));
  names.set(pod('new', '2'));
  expect([names.get(id('1')), names.get(id('2'))?.podUid]).toEqual([undefined, 'new']);
});

test('ApiNames.remove() forgets a pod, and no container that another pod has by now', () => {
  const names = new ApiNames();
  names.set(pod('u', '1', '2'));
  const other = pod('v', '2');
  names.set({ ...other, metadata: { ...other.metadata, name: 'other' } });
  names.remove(pod('u'));
  expect([names.get(id('1')), names.get(id('2'))?.pod]).toEqual([undefined, 'other']);
});

test('ApiNames takes no harm from a pod without a name', () => {
  const names = new ApiNames();
  names.set({});
  names.remove({});
  expect([...names.all()]).toEqual([]);
});
