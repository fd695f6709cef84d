import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClusterObjects, type NodeOrPod } from './cluster-objects.ts';

/** A pod of namespace `default` on n1 that runs. */
function pod(
  name: string,
  metadata: Partial<NodeOrPod['metadata']> = {},
  rest: Partial<NodeOrPod> = {},
): NodeOrPod {
  return {
    metadata: { namespace: 'default', name, uid: `${name}-uid`, labels: { app: name }, ...metadata },
    spec: { nodeName: 'n1' },
    status: { phase: 'Running' },
    ...rest,
  };
}

function indexOf(...objects: NodeOrPod[]): ClusterObjects {
  const nothing = () => {};
  const index = new ClusterObjects('pods', { changing: nothing, changed: nothing, gone: nothing });
  index.replace(objects);
  return index;
}

test('ClusterObjects keeps where a pod runs, as what, and with which labels', () => {
  expect(indexOf(pod('web')).get('default', 'web')).toMatchObject({
    namespace: 'default',
    name: 'web',
    nodeUid: 'web-uid',
    nodeName: 'n1',
    labels: { labels: { app: 'web' } },
    running: true,
  });
});

test('ClusterObjects knows a static pod by the hash in its mirror annotation', () => {
  const annotations = { 'kubernetes.io/config.mirror': 'f00d' };
  expect(indexOf(pod('etcd', { annotations })).get('default', 'etcd')?.nodeUid).toBe('f00d');
});

test('ClusterObjects takes a pod with nothing but a name: not scheduled, not running', () => {
  expect(indexOf({ metadata: { name: 'bare' } }).get('', 'bare')).toMatchObject({
    ...{ namespace: '', name: 'bare', nodeUid: '', nodeName: '', labels: { labels: {} }, running: false },
  });
});

test.each(['Pending', 'Unknown', 'Succeeded', 'Failed', undefined])(
  'ClusterObjects does not call phase %s running',
  (phase) => {
    const status = phase === undefined ? {} : { phase };
    expect(indexOf(pod('web', {}, { status })).get('default', 'web')?.running).toBe(false);
  },
);

test('ClusterObjects.set() keeps the identical record through a change of what is not kept', () => {
  const index = indexOf(pod('web'));
  const before = index.get('default', 'web');
  const listed = index.run('default');
  index.set(pod('web', { resourceVersion: '9', annotations: { touched: 'yes' } }));
  expect(index.get('default', 'web')).toBe(before);
  expect(index.run('default')).toBe(listed);
});

test.each([
  ['a label', pod('web', { labels: { app: 'other' } }), { labels: { labels: { app: 'other' } } }],
  ['its node', pod('web', {}, { spec: { nodeName: 'n2' } }), { nodeName: 'n2' }],
  ['its phase', pod('web', {}, { status: { phase: 'Failed' } }), { running: false }],
])('ClusterObjects.set() keeps the entry and writes to it when a pod changes %s', (_, changed, expected) => {
  const index = indexOf(pod('web'), pod('other'));
  const before = index.get('default', 'web');
  index.set(changed);
  expect(index.get('default', 'web')).toBe(before);
  expect(before).toMatchObject(expected);
});

test('ClusterObjects.set() makes a new entry for another pod by the same name', () => {
  const index = indexOf(pod('web'), pod('other'));
  const [other, before] = index.run('default');
  index.set(pod('web', { uid: 'second' }));
  const after = index.get('default', 'web');
  expect(after).not.toBe(before);
  expect(index.run('default')).toEqual([other, after]);
});

test('ClusterObjects keeps equal labels as one set, with those who have it, until the last is gone', () => {
  const labels = { app: 'web' };
  const index = indexOf(pod('a', { labels }), pod('b', { labels: { ...labels } }), pod('c'));
  const sets = () =>
    [...index.labels.withKeys([])].map(([set, entries]) => [set.labels, [...entries].length]);
  expect(index.get('default', 'a')?.labels).toBe(index.get('default', 'b')?.labels);
  expect(sets()).toEqual([
    [labels, 2],
    [{ app: 'c' }, 1],
  ]);
  index.remove(pod('a'));
  index.set(pod('b', { labels: { app: 'c' } }));
  expect(sets()).toEqual([[{ app: 'c' }, 2]]);
});

test('ClusterObjects.replace() forgets what is no longer listed and keeps the record of what did not change', () => {
  const index = indexOf(pod('a'), pod('b'), pod('c', { namespace: 'gone' }));
  const kept = index.get('default', 'b');
  index.replace([pod('b'), pod('d')]);
  expect(index.get('default', 'a')).toBeUndefined();
  expect(index.get('default', 'b')).toBe(kept);
  expect(index.runs()).toHaveLength(1);
  expect(index.run('gone')).toEqual([]);
  expect(index.run('default').map(({ name }) => name)).toEqual(['b', 'd']);
});

test('ClusterObjects lists namespaces and names in order, however they came', () => {
  const index = indexOf(pod('b', { namespace: 'z' }), pod('b'), pod('a-1'), pod('a.1'), pod('a'));
  index.set(pod('aa'));
  index.set(pod('x', { namespace: 'a' }));
  expect(index.runs().map(([first]) => first?.namespace)).toEqual(['a', 'default', 'z']);
  expect(index.run('default').map(({ name }) => name)).toEqual(['a', 'a-1', 'a.1', 'aa', 'b']);
});

test('ClusterObjects.remove() takes a namespace away with its last pod; an unknown pod changes nothing', () => {
  const index = indexOf(pod('a'), pod('b'));
  index.remove(pod('a'));
  index.remove(pod('never'));
  index.remove(pod('a', { namespace: 'never' }));
  expect(index.run('default').map(({ name }) => name)).toEqual(['b']);
  index.remove(pod('b'));
  expect(index.runs()).toEqual([]);
});

test('ClusterObjects has every pod under its labels, after whatever has happened', () => {
  const change = fc.record({
    how: fc.constantFrom('set', 'remove', 'replace'),
    pods: fc.array(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c'),
        uid: fc.constantFrom('1', '2'),
        app: fc.constantFrom('x', 'y', 'z'),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const index = indexOf();
      for (const { how, pods } of changes) {
        const objects = pods.map(({ name, uid, app }) => pod(name, { uid, labels: { app } }));
        if (how === 'replace') index.replace(objects);
        else for (const object of objects) index[how](object);
        const entries = index.runs().flat();
        const labelled = [...index.labels.withKeys([])].flatMap(([set, having]) =>
          [...having].map((entry) => [entry, set]),
        );
        expect(new Map(labelled as [object, object][])).toEqual(
          new Map(entries.map((entry) => [entry, entry.labels])),
        );
        expect(labelled).toHaveLength(entries.length);
      }
    }),
  );
});
