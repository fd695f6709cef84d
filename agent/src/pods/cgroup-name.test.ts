import { expect, test } from 'vitest';
import {
  containerId,
  isKubepodsRoot,
  isQosDirectory,
  kataSandboxId,
  mismatchedContainer,
  podUid,
} from './cgroup-name.ts';

const id = '0123456789abcdef'.repeat(4);

test.each(['kubepods', 'kubepods.slice', 'kubelet-kubepods.slice'])('isKubepodsRoot() takes %s', (name) =>
  expect(isKubepodsRoot(name)).toBe(true),
);
test.each(['kubepods-burstable.slice', 'mykubepods', 'system.slice', ''])(
  'isKubepodsRoot() refuses %s',
  (name) => expect(isKubepodsRoot(name)).toBe(false),
);

test.each(['burstable', 'besteffort', 'kubepods-burstable.slice', 'kubelet-kubepods-besteffort.slice'])(
  'isQosDirectory() takes %s',
  (name) => expect(isQosDirectory(name)).toBe(true),
);
test.each(['kubepods-pod1.slice', 'guaranteed', 'pod1'])('isQosDirectory() refuses %s', (name) =>
  expect(isQosDirectory(name)).toBe(false),
);

test.each([
  ['pod7d0a9b2c-4e6f-8091-a2b3-c4d5e6f70819', '7d0a9b2c-4e6f-8091-a2b3-c4d5e6f70819'],
  ['pod7d0a9b2c4e6f8091a2b3c4d5e6f70819', '7d0a9b2c4e6f8091a2b3c4d5e6f70819'],
  [
    'kubepods-burstable-pod7d0a9b2c_4e6f_8091_a2b3_c4d5e6f70819.slice',
    '7d0a9b2c-4e6f-8091-a2b3-c4d5e6f70819',
  ],
  ['kubepods-pod12_34.slice', '12-34'],
  ['kubelet-kubepods-besteffort-pod12.slice', '12'],
  ['pod', undefined],
  ['kubepods-pod.slice', undefined],
  ['pod-12', undefined],
  ['user-pod1.slice', undefined],
  ['burstable', undefined],
])('podUid() of %s is %s', (name, uid) => expect(podUid(name)).toBe(uid));

test.each([
  [id, 'pod1', id],
  [`cri-containerd-${id}.scope`, 'kubepods-pod1.slice', id],
  [`crio-${id}.scope`, 'kubepods-pod1.slice', id],
  [`crio-${id}`, 'pod1', id],
  [`docker-${id}.scope`, 'kubepods-pod1.slice', id],
  [`crio-${id}`, 'kubepods-pod1.slice', undefined],
  [`crio-conmon-${id}.scope`, 'kubepods-pod1.slice', undefined],
  [`crio-conmon-${id}`, 'pod1', undefined],
  [`crio-conmon--${id}`, 'pod1', undefined],
  [`poda-${id}`, 'burstable', undefined],
  [`kata_${id}`, 'pod1', undefined],
  [id.slice(1), 'pod1', undefined],
  [`${id}.mount`, 'pod1', undefined],
  [id.toUpperCase(), 'pod1', undefined],
  ['init.scope', 'pod1', undefined],
])('containerId() of %s below %s is %s', (name, parent, expected) =>
  expect(containerId(name, parent)).toBe(expected),
);

test.each([
  [`kata_${id}`, id],
  [`kata_cri-containerd-${id}.scope`, id],
  [`kata_crio-${id}`, id],
  [`kata-${id}`, undefined],
  ['kata_overhead', undefined],
])('kataSandboxId() of %s is %s', (name, expected) => expect(kataSandboxId(name)).toBe(expected));

test.each([
  [`kubepods-burstable-podU_1.slice:cri-containerd:${id}`, { podUid: 'U-1', containerId: id }],
  [`kubelet-kubepods-podU_1.slice:docker:${id}`, { podUid: 'U-1', containerId: id }],
  [`user-podU_1.slice:docker:${id}`, undefined],
  [`system.slice:docker:${id}`, undefined],
  [`kubepods-podU.slice:docker:${id.slice(1)}`, undefined],
  [`kubepods-podU.slice:docker:${id}:more`, undefined],
])('mismatchedContainer() of %s is %s', (name, expected) =>
  expect(mismatchedContainer(name)).toEqual(expected),
);
