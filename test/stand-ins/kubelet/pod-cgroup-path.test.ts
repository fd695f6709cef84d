import { expect, test } from 'vitest';
import { podCgroupPath } from './pod-cgroup-path.ts';

test.each([
  ['Guaranteed', '/t/kubepods/podu-1'],
  ['Burstable', '/t/kubepods/burstable/podu-1'],
  ['BestEffort', '/t/kubepods/besteffort/podu-1'],
] as const)('podCgroupPath() puts a %s pod at %s', (qosClass, path) => {
  expect(podCgroupPath('/t/kubepods', qosClass, 'u-1')).toBe(path);
});
