import { expect, test } from 'vitest';
import { PodIndex, type PodObject } from './pod-index.ts';

/** A pod of namespace `default` on n1 that runs. */
function pod(
  name: string,
  metadata: Partial<PodObject['metadata']> = {},
  rest: Partial<PodObject> = {},
): PodObject {
  return {
    metadata: { namespace: 'default', name, uid: `${name}-uid`, labels: { app: name }, ...metadata },
    spec: { nodeName: 'n1' },
    status: { phase: 'Running' },
    ...rest,
  };
}

function indexOf(...objects: PodObject[]): PodIndex {
  const index = new PodIndex();
  index.replace(objects);
  return index;
}

test('PodIndex keeps where a pod runs, as what, and with which labels', () => {
  expect(indexOf(pod('web')).get('default', 'web')).toEqual({
    namespace: 'default',
    name: 'web',
    nodeUid: 'web-uid',
    nodeName: 'n1',
    labels: { app: 'web' },
    running: true,
  });
});

test('PodIndex knows a static pod by the hash in its mirror annotation', () => {
  const annotations = { 'kubernetes.io/config.mirror': 'f00d' };
  expect(indexOf(pod('etcd', { annotations })).get('default', 'etcd')?.nodeUid).toBe('f00d');
});

test('PodIndex takes a pod with nothing but a name: not scheduled, not running', () => {
  expect(indexOf({ metadata: { name: 'bare' } }).get('', 'bare')).toEqual({
    ...{ namespace: '', name: 'bare', nodeUid: '', nodeName: '', labels: {}, running: false },
  });
});

test.each(['Pending', 'Unknown', 'Succeeded', 'Failed', undefined])(
  'PodIndex does not call phase %s running',
  (phase) => {
    const status = phase === undefined ? {} : { phase };
    expect(indexOf(pod('web', {}, { status })).get('default', 'web')?.running).toBe(false);
  },
);

test('PodIndex.set() keeps the identical record through a change of what is not kept', () => {
  const index = indexOf(pod('web'));
  const before = index.get('default', 'web');
  const listed = index.inNamespace('default');
  index.set(pod('web', { resourceVersion: '9', annotations: { touched: 'yes' } }));
  expect(index.get('default', 'web')).toBe(before);
  expect(index.inNamespace('default')).toBe(listed);
});

test.each([
  ['a label', pod('web', { labels: { app: 'other' } })],
  ['one more label', pod('web', { labels: { app: 'web', tier: 'front' } })],
  ['no label', pod('web', { labels: {} })],
  ['its UID: made anew under the same name', pod('web', { uid: 'second' })],
  ['its node', pod('web', {}, { spec: { nodeName: 'n2' } })],
  ['its phase', pod('web', {}, { status: { phase: 'Failed' } })],
])('PodIndex.set() makes a new record when a pod changes %s', (_, changed) => {
  const index = indexOf(pod('web'), pod('other'));
  const [other, before] = index.inNamespace('default');
  index.set(changed);
  const after = index.get('default', 'web');
  expect(after).not.toBe(before);
  expect(index.inNamespace('default')).toEqual([other, after]);
  expect(index.inNamespace('default')[0]).toBe(other);
});

test('PodIndex.replace() forgets what is no longer listed and keeps the record of what did not change', () => {
  const index = indexOf(pod('a'), pod('b'), pod('c', { namespace: 'gone' }));
  const kept = index.get('default', 'b');
  index.replace([pod('b'), pod('d')]);
  expect(index.get('default', 'a')).toBeUndefined();
  expect(index.get('default', 'b')).toBe(kept);
  expect(index.namespaces()).toEqual(['default']);
  expect(index.inNamespace('gone')).toEqual([]);
  expect(index.inNamespace('default').map(({ name }) => name)).toEqual(['b', 'd']);
});

test('PodIndex lists namespaces and names in order, however they came', () => {
  const index = indexOf(pod('b', { namespace: 'z' }), pod('b'), pod('a-1'), pod('a.1'), pod('a'));
  index.set(pod('aa'));
  index.set(pod('x', { namespace: 'a' }));
  expect(index.namespaces()).toEqual(['a', 'default', 'z']);
  expect(index.inNamespace('default').map(({ name }) => name)).toEqual(['a', 'a-1', 'a.1', 'aa', 'b']);
});

test('PodIndex.remove() takes a namespace away with its last pod; an unknown pod changes nothing', () => {
  const index = indexOf(pod('a'), pod('b'));
  index.remove(pod('a'));
  index.remove(pod('never'));
  index.remove(pod('a', { namespace: 'never' }));
  expect(index.inNamespace('default').map(({ name }) => name)).toEqual(['b']);
  index.remove(pod('b'));
  expect(index.namespaces()).toEqual([]);
});
