import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { findKubepodsRoots, listPodDirectories } from './kubepods-tree.ts';

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);
let hierarchy = '';

function tree(...paths: string[]): string {
  hierarchy = mkdtempSync(join(tmpdir(), 'tacho-tree-'));
  for (const path of paths) mkdirSync(join(hierarchy, path), { recursive: true });
  return hierarchy;
}
afterEach(() => rmSync(hierarchy, { recursive: true, force: true }));

test('findKubepodsRoots() finds every root and stays out of services, scopes and containers', () => {
  const root = tree(
    'kubepods/burstable',
    'kubelet.slice/kubelet-kubepods.slice',
    'system.slice/docker.service/kubepods',
    `system.slice/docker-${a}.scope/kubepods`,
    'one/two/three/kubepods',
  );
  expect(findKubepodsRoots(root).sort()).toEqual(['/kubelet.slice/kubelet-kubepods.slice', '/kubepods']);
});

test('findKubepodsRoots() of a hierarchy that is not there is empty', () => {
  expect(findKubepodsRoots(`${tree()}/missing`)).toEqual([]);
});

test('listPodDirectories() lists pods of every QoS class with their containers, cgroupfs driver', () => {
  const root = tree(
    `kubepods/burstable/pod1/${a}`,
    `kubepods/pod2/${b}`,
    'kubepods/besteffort/pod3',
    'kubepods/other',
  );
  const pods = listPodDirectories(root, '/kubepods').sort((one, other) =>
    one.podUid < other.podUid ? -1 : 1,
  );
  expect(pods).toEqual([
    {
      path: '/kubepods/burstable/pod1',
      podUid: '1',
      containers: [{ path: `/kubepods/burstable/pod1/${a}`, podUid: '1', containerId: a }],
      kataSandboxes: [],
    },
    {
      path: '/kubepods/pod2',
      podUid: '2',
      containers: [{ path: `/kubepods/pod2/${b}`, podUid: '2', containerId: b }],
      kataSandboxes: [],
    },
    { path: '/kubepods/besteffort/pod3', podUid: '3', containers: [], kataSandboxes: [] },
  ]);
});

test('listPodDirectories() never descends into a container, systemd driver', () => {
  const pod = 'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice';
  const root = tree(
    `${pod}/cri-containerd-${a}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod9.slice/cri-containerd-${b}.scope`,
    `${pod}/crio-conmon-${b}.scope`,
  );
  expect(listPodDirectories(root, '/kubepods.slice').flatMap(({ containers }) => containers)).toEqual([
    { path: `/${pod}/cri-containerd-${a}.scope`, podUid: '1-2', containerId: a },
  ]);
});

test('listPodDirectories() tells a kata sandbox from containers', () => {
  const root = tree(`kubepods/pod1/kata_${a}`, `kubepods/pod1/${b}`);
  expect(listPodDirectories(root, '/kubepods')).toMatchObject([
    { containers: [{ containerId: b }], kataSandboxes: [`/kubepods/pod1/kata_${a}`] },
  ]);
});
