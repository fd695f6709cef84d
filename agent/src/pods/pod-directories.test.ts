import { mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { PodDirectories } from './pod-directories.ts';

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);
let hierarchy = '';

function tree(...paths: string[]): string {
  hierarchy = mkdtempSync(join(tmpdir(), 'tacho-pods-'));
  make(...paths);
  return hierarchy;
}
function make(...paths: string[]): void {
  for (const path of paths) mkdirSync(join(hierarchy, path), { recursive: true });
}
afterEach(() => rmSync(hierarchy, { recursive: true, force: true }));

/** Pods and the first letters of their containers' IDs. */
function listed(directories: PodDirectories): Record<string, string> {
  return Object.fromEntries(
    directories.list(['/kubepods']).map(({ podUid, containers }) => [
      podUid,
      containers
        .map(({ containerId }) => containerId[0])
        .sort()
        .join(''),
    ]),
  );
}

test('PodDirectories.list() lists pods of every QoS class with their containers, cgroupfs driver', () => {
  const root = tree(
    `kubepods/burstable/pod1/${a}`,
    `kubepods/pod2/${b}`,
    'kubepods/besteffort/pod3',
    'kubepods/other',
  );
  const pods = [...new PodDirectories(root).list(['/kubepods'])].sort((one, other) =>
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

test('PodDirectories.list() never descends into a container, systemd driver', () => {
  const pod = 'kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice';
  const root = tree(
    `${pod}/cri-containerd-${a}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod9.slice/cri-containerd-${b}.scope`,
    `${pod}/crio-conmon-${b}.scope`,
  );
  expect(new PodDirectories(root).list(['/kubepods.slice']).flatMap(({ containers }) => containers)).toEqual([
    { path: `/${pod}/cri-containerd-${a}.scope`, podUid: '1-2', containerId: a },
  ]);
});

test('PodDirectories.list() tells a kata sandbox from containers', () => {
  const root = tree(`kubepods/pod1/kata_${a}`, `kubepods/pod1/${b}`);
  expect(new PodDirectories(root).list(['/kubepods'])).toMatchObject([
    { containers: [{ containerId: b }], kataSandboxes: [`/kubepods/pod1/kata_${a}`] },
  ]);
});

test('PodDirectories.list() sees pods and containers come and go', () => {
  const directories = new PodDirectories(tree(`kubepods/pod1/${a}`, 'kubepods/burstable'));
  expect(listed(directories)).toEqual({ 1: 'a' });
  make(`kubepods/pod1/${b}`, `kubepods/burstable/pod2/${a}`);
  expect(listed(directories)).toEqual({ 1: 'ab', 2: 'a' });
  rmdirSync(join(hierarchy, `kubepods/pod1/${a}`));
  rmSync(join(hierarchy, 'kubepods/burstable/pod2'), { recursive: true });
  expect(listed(directories)).toEqual({ 1: 'b' });
  rmSync(join(hierarchy, 'kubepods'), { recursive: true });
  expect(listed(directories)).toEqual({});
});

test('PodDirectories.list() sees a pod that took the place of another one, with as many directories as before', () => {
  const directories = new PodDirectories(tree(`kubepods/pod1/${a}`, `kubepods/pod2/${a}`));
  expect(listed(directories)).toEqual({ 1: 'a', 2: 'a' });
  rmSync(join(hierarchy, 'kubepods/pod1'), { recursive: true });
  make(`kubepods/pod3/${b}`);
  expect(listed(directories)).toEqual({ 2: 'a', 3: 'b' });
});

test('PodDirectories.list() sees a container that took the place of one that was said to be gone', () => {
  const directories = new PodDirectories(tree(`kubepods/pod1/${a}`));
  listed(directories);
  renameSync(join(hierarchy, `kubepods/pod1/${a}`), join(hierarchy, `kubepods/pod1/${b}`));
  directories.gone({ path: `/kubepods/pod1/${a}` });
  expect(listed(directories)).toEqual({ 1: 'b' });
});

test('PodDirectories.list() sees a container that took the place of one that nobody reads, after a while', () => {
  const directories = new PodDirectories(tree(`kubepods/pod1/${a}`));
  listed(directories);
  renameSync(join(hierarchy, `kubepods/pod1/${a}`), join(hierarchy, `kubepods/pod1/${b}`));
  for (let look = 2; look <= 12; look += 1) listed(directories);
  expect(listed(directories)).toEqual({ 1: 'b' });
});

test('PodDirectories.list() gives the same object for a pod in which nothing has changed', () => {
  const directories = new PodDirectories(tree(`kubepods/pod1/${a}`));
  const [first] = directories.list(['/kubepods']);
  expect(directories.list(['/kubepods'])[0]).toBe(first);
});

test('PodDirectories.list() tells which containers may have been there before they were found', () => {
  const root = tree(`kubepods/pod1/${a}`);
  const directories = new PodDirectories(root);
  const late = (...roots: string[]) =>
    directories
      .list(roots)
      .flatMap(({ containers }) => containers)
      .flatMap(({ containerId, foundLate }) => (foundLate ? [containerId[0]] : []));
  expect(late('/kubepods')).toEqual([]);
  make(`kubepods/pod1/${b}`, `kubepods/pod2/${'c'.repeat(64)}`);
  expect(late('/kubepods')).toEqual([]);
  // The number of links stays: nobody sees it before everything is listed anew.
  renameSync(join(hierarchy, 'kubepods/pod1', b), join(hierarchy, 'kubepods/pod1', 'd'.repeat(64)));
  for (let looks = 3; looks <= 12; looks += 1) expect(late('/kubepods')).toEqual([]);
  expect(late('/kubepods').sort()).toEqual(['a', 'd']);
  make(`kubepods/pod1/${'e'.repeat(64)}`);
  expect(late('/kubepods')).toEqual([]);
  make(`other/pod3/${'f'.repeat(64)}`);
  expect(late('/kubepods', '/other')).toEqual(['f']);
});
