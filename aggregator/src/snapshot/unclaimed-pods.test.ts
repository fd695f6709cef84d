import { expect, test } from 'vitest';
import { cluster, podObject, report } from './fixture-snapshot.ts';

const refused = (refusals: ReadonlyMap<string, { readonly count: number }>) =>
  Object.fromEntries([...refusals].map(([reason, { count }]) => [reason, count]));

/** A report whose pod has this namespace, name and UID. */
function reportOf(uid: string, name: string, namespace = 'default') {
  const whole = report(['web']);
  return { ...whole, pods: whole.pods.map((pod) => ({ ...pod, uid, name, namespace })) };
}

test('Snapshot.put() refuses nothing of a node that reports its own pods', () => {
  const { snapshot } = cluster();
  expect(snapshot.put('n1', report(['web']), 5_000).size).toBe(0);
});

test('Snapshot.put() calls a pod that is bound to another node forged, and says where the API server has it', () => {
  const { snapshot, names } = cluster();
  expect([...snapshot.put('n1', report(['web', 'far']), 5_000)]).toEqual([
    ['pod of another node', { count: 1, example: 'default/far is bound to n2' }],
  ]);
  expect(names()).toEqual(['web']);
});

test.each([
  ['under another name', reportOf('far-uid', 'near')],
  ['in another namespace', reportOf('far-uid', 'far', 'other')],
  ['under the name of a pod of its own', reportOf('far-uid', 'web')],
])('Snapshot.put() knows the UID of another node’s pod %s, and serves it nowhere', (_, forged) => {
  const { snapshot, pods, served } = cluster();
  expect(refused(snapshot.put('n1', forged, 5_000))).toEqual({ 'pod of another node': 1 });
  pods.set(podObject('near', 'n1', { uid: 'later' }));
  expect(served.pods()).toEqual([]);
});

test('Snapshot lets a forged pod go, also when the API server later has such a pod on that node', () => {
  const { snapshot, pods, names } = cluster();
  snapshot.put('n1', report(['far']), 5_000);
  pods.remove(podObject('far', 'n2'));
  pods.set(podObject('far', 'n1'));
  expect(names()).toEqual([]);
});

test.each([
  ['the watch has not told of', report(['new']), 'pod that the watch does not know'],
  ['was there before under this name', reportOf('older', 'web'), 'pod with another UID than the watch knows'],
  ['has been deleted a moment ago', report(['left']), 'pod that the watch does not know'],
  ['is not bound to a node yet', report(['unbound']), 'pod that the watch does not know'],
  ['is static and has no mirror yet', reportOf('hash', 'etcd'), 'pod that the watch does not know'],
])('Snapshot.put() calls a pod that %s no forgery', (_, honest, reason) => {
  const { snapshot, pods } = cluster();
  pods.set(podObject('unbound', '', {}, 'Pending'));
  pods.set(podObject('left', 'n1'));
  pods.remove(podObject('left', 'n1'));
  expect(refused(snapshot.put('n1', honest, 5_000))).toEqual({ [reason]: 1 });
});

test('Snapshot.put() believes no annotation that says another pod’s UID: only its name tells of a mirror pod', () => {
  const { snapshot, pods } = cluster();
  const annotations = { 'kubernetes.io/config.mirror': 'hash' };
  pods.set(podObject('trap', 'n2', { annotations }));
  expect(refused(snapshot.put('n1', reportOf('hash', 'etcd'), 5_000))).toEqual({
    'pod that the watch does not know': 1,
  });
  expect(refused(snapshot.put('n1', reportOf('hash', 'trap'), 6_000))).toEqual({ 'pod of another node': 1 });
});

test('Snapshot serves a pod that waited as soon as the watch tells of it', () => {
  const { snapshot, pods, names } = cluster();
  snapshot.put('n1', report(['web', 'new']), 5_000);
  pods.set(podObject('new', 'n1'));
  expect(names()).toEqual(['new', 'web']);
  expect(snapshot.put('n1', report(['web', 'new']), 6_000).size).toBe(0);
});
