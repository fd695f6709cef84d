import { expect, test } from 'vitest';
import { FixtureNode, second, windowUsec } from './fixture-node.ts';
import { PodCgroups, podCgroupPath } from './pod-cgroups.ts';

const web = '/kubepods/podweb-uid';

/** A node with one pod of one container, and its pods' own cgroups. */
function nodeWithPods() {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web' });
  node.set('podweb-uid', { usageSeconds: 3 });
  const pods = new PodCgroups({ tree: node.tree, monotonicUsec: () => node.nowUsec });
  const tick = (seconds: number, window = windowUsec, cores = 0) => {
    node.advance(seconds, cores);
    node.tick(window);
    pods.read(node.sampler.containers(), window);
  };
  return { node, pods, tick, count: () => pods.get(web)?.readings.length };
}

test('podCgroupPath() is the directory above the container', () => {
  expect(podCgroupPath('/kubepods/burstable/pod1/abc')).toBe('/kubepods/burstable/pod1');
});

test('podCgroupPath() is undefined for a container that lies in no pod’s cgroup', () => {
  expect(podCgroupPath('/k8s.io/abc')).toBeUndefined();
  expect(podCgroupPath('/system.slice/kubepods-pod1.slice:cri-containerd:abc')).toBeUndefined();
});

test('PodCgroups.read() reads every ten seconds, however fast the ticks come', () => {
  const { tick, count } = nodeWithPods();
  for (let second = 0; second <= 40; second += 1) tick(1);
  expect(count()).toBe(5);
});

test('PodCgroups.read() reads at every other tick of five seconds, and at each of ten or more, also at one that is early', () => {
  const { tick, count } = nodeWithPods();
  for (const seconds of [0, 4.99, 5.01, 4.98, 5, 9.95, 30]) tick(seconds);
  expect(count()).toBe(5);
});

test('PodCgroups.read() has a rate over its own gap where the window is shorter, from the second reading on', () => {
  const { pods, tick } = nodeWithPods();
  const rates = Array.from({ length: 21 }, () => {
    tick(1, second, 0.5);
    return pods.get(web)?.value(second, second);
  });
  expect(rates.slice(0, 10)).toEqual(Array(10).fill('first'));
  expect(rates.slice(10)).toEqual(
    Array(11).fill(expect.objectContaining({ cpuNanocores: 500_000_000, windowUsec: 10 * second })),
  );
});

test('PodCgroups.read() opens no cgroup of a pod of which no container has a name', () => {
  const { node, tick } = nodeWithPods();
  node.place({ id: 'b1', pod: 'other', named: false });
  tick(5);
  expect(node.open).toEqual(['', '/kubepods/podweb-uid/a1', web]);
});

test('PodCgroups.read() gives the files of a pod back that is no longer listed', () => {
  const { node, pods, tick } = nodeWithPods();
  tick(10);
  node.remove('a1');
  tick(10);
  expect(pods.get(web)).toBeUndefined();
  expect(node.open).toEqual(['']);
});

test('PodCgroups.read() forgets a pod that went before its containers, and no other', () => {
  const { node, pods, tick } = nodeWithPods();
  node.place({ id: 'b1', pod: 'other' });
  node.set('podother-uid', { usageSeconds: 0 });
  node.set('podweb-uid', 'gone');
  tick(5);
  expect(pods.get(web)).toBeUndefined();
  expect(pods.get('/kubepods/podother-uid')?.readings.length).toBe(1);
  expect(node.open).not.toContain(web);
});

test('PodCgroups.read() that fails for a pod costs the report nothing', () => {
  const { node, pods, tick } = nodeWithPods();
  node.set('podweb-uid', { cpuStatus: 'unreadable', usageSeconds: Number.NaN });
  tick(5);
  tick(5);
  expect(pods.get(web)?.problem()).toBe('cpu unreadable');
  expect(node.tick().report.pods).toHaveLength(1);
});

test('PodCgroups.read() reads a pod without containers too, as long as it is named', () => {
  const { node, pods } = nodeWithPods();
  node.set('podkata-uid', { usageSeconds: 1 });
  pods.read([], windowUsec, ['/kubepods/podkata-uid']);
  expect(pods.get('/kubepods/podkata-uid')?.readings.length).toBe(1);
  node.advance(10);
  pods.read([], windowUsec);
  expect(pods.get('/kubepods/podkata-uid')).toBeUndefined();
});

test('PodCgroups.close() gives every file back', () => {
  const { node, pods, tick } = nodeWithPods();
  tick(5);
  pods.close();
  expect(node.open).toEqual(['', '/kubepods/podweb-uid/a1']);
});
