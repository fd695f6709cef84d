import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { findKubepodsRoots, listContainerCgroups } from './kubepods-tree.ts';

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

test('listContainerCgroups() lists containers of every QoS class, cgroupfs driver', () => {
  const root = tree(
    `kubepods/burstable/pod1/${a}`,
    `kubepods/pod2/${b}`,
    'kubepods/besteffort/pod3',
    'kubepods/other',
  );
  expect(listContainerCgroups(root, '/kubepods')).toEqual(
    expect.arrayContaining([
      { path: `/kubepods/burstable/pod1/${a}`, podUid: '1', containerId: a },
      { path: `/kubepods/pod2/${b}`, podUid: '2', containerId: b },
    ]),
  );
  expect(listContainerCgroups(root, '/kubepods')).toHaveLength(2);
});

test('listContainerCgroups() never descends into a container, systemd driver', () => {
  const pod = 'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice';
  const root = tree(
    `${pod}/cri-containerd-${a}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod9.slice/cri-containerd-${b}.scope`,
    `${pod}/crio-conmon-${b}.scope`,
  );
  expect(listContainerCgroups(root, '/kubepods.slice')).toEqual([
    { path: `/${pod}/cri-containerd-${a}.scope`, podUid: '1-2', containerId: a },
  ]);
});
