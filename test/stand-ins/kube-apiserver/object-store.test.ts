import { describe, expect, it } from 'vitest';
import { createObjectStore, type KubeObject, type ObjectStore, type StoreEvent } from './object-store.ts';
import { resourceTypes } from './resource-types.ts';
import { asSeenThrough } from './watch-stream.ts';

const now = () => new Date('2026-01-02T03:04:05.678Z');
const pod = (name: string, phase = 'Running') => ({
  metadata: { namespace: 'default', name },
  status: { phase },
});

function storeWith(...names: string[]): ObjectStore {
  const store = createObjectStore({ now }, { types: resourceTypes, historyLimit: 3 });
  for (const name of names) store.create('pods', pod(name));
  return store;
}

describe('createObjectStore()', () => {
  it('create() gives identity and a rising resourceVersion', () => {
    const store = storeWith();
    const first = store.create('pods', pod('a'));
    const second = store.create('pods', pod('b'));
    expect(first).toMatchObject({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { uid: expect.any(String), creationTimestamp: '2026-01-02T03:04:05Z' },
    });
    expect(Number(second.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    expect(store.resourceVersion()).toBe(Number(second.metadata.resourceVersion));
  });

  it('create() refuses a second object of the same name', () => {
    expect(() => storeWith('a').create('pods', pod('a'))).toThrow('pods "a" already exists');
  });

  it('update() keeps uid and creation, and refuses a stale version', () => {
    const store = storeWith('a');
    const before = store.get('pods', 'a', 'default');
    if (!before) throw new Error('not stored');
    const after = store.update('pods', pod('a', 'Failed'));
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(() => store.update('pods', before)).toThrow('the object has been modified');
    expect(() => store.update('pods', pod('missing'))).toThrow('pods "missing" not found');
  });

  it('hands out copies that a later change of the argument does not reach', () => {
    const store = storeWith();
    const argument = pod('a');
    store.create('pods', argument);
    argument.status.phase = 'Failed';
    expect(store.get('pods', 'a', 'default')).toMatchObject({ status: { phase: 'Running' } });
  });

  it('list() pages through one snapshot, whatever changes in between', () => {
    const store = storeWith('a', 'b', 'c');
    const first = store.list('pods', undefined, 2);
    store.delete('pods', 'c', 'default');
    store.create('pods', pod('d'));
    const second = store.listMore(first.continue ?? '', 2);
    expect(first.remainingItemCount).toBe(1);
    expect([...first.items, ...second.items].map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
    expect(second.resourceVersion).toBe(first.resourceVersion);
    expect(second.continue).toBeUndefined();
    expect(() => store.listMore(first.continue ?? '')).toThrow('continue parameter is too old');
  });

  it('eventsSince() gives the changes of one resource and refuses what history has lost', () => {
    const store = storeWith('a');
    const since = store.resourceVersion();
    store.create('nodes', { metadata: { name: 'n' } });
    store.delete('pods', 'a', 'default');
    const [deleted, ...more] = store.eventsSince('pods', since);
    expect(more).toEqual([]);
    expect(deleted).toMatchObject({
      type: 'DELETED',
      object: { metadata: { resourceVersion: String(store.resourceVersion()) } },
    });
    store.create('pods', pod('b'));
    store.create('pods', pod('c'));
    expect(() => store.eventsSince('pods', since)).toThrow(`too old resource version: ${since}`);
  });

  it('compact() ends every version but the current one', () => {
    const store = storeWith('a', 'b');
    store.compact();
    expect(store.eventsSince('pods', store.resourceVersion())).toEqual([]);
    expect(() => store.eventsSince('pods', store.resourceVersion() - 1)).toThrow('too old');
  });

  it('refuses a resource that it does not know, naming those it does', () => {
    expect(() => storeWith().list('widgets')).toThrow('Cannot store "widgets": expected one of nodes, pods');
  });
});

describe('asSeenThrough()', () => {
  const running = ({ status }: KubeObject) => JSON.stringify(status) === '{"phase":"Running"}';
  const change = (type: StoreEvent['type'], before: string | undefined, after: string): StoreEvent => ({
    type,
    resource: 'pods',
    resourceVersion: 9,
    object: pod('a', after),
    ...(before && { previous: pod('a', before) }),
  });

  it.each([
    ['enters', change('MODIFIED', 'Pending', 'Running'), 'ADDED'],
    ['stays', change('MODIFIED', 'Running', 'Running'), 'MODIFIED'],
    ['leaves', change('MODIFIED', 'Running', 'Failed'), 'DELETED'],
    ['stays outside', change('MODIFIED', 'Pending', 'Failed'), undefined],
    ['is created outside', change('ADDED', undefined, 'Pending'), undefined],
    ['is deleted outside', change('DELETED', 'Failed', 'Failed'), undefined],
    ['is deleted', change('DELETED', 'Running', 'Running'), 'DELETED'],
  ])('an object that %s', (_, event, seen) => {
    expect(asSeenThrough(running, event)?.type).toBe(seen);
  });

  it('an object that leaves is shown as it was last selected, with the version of the change', () => {
    expect(asSeenThrough(running, change('MODIFIED', 'Running', 'Failed'))?.object).toMatchObject({
      status: { phase: 'Running' },
      metadata: { resourceVersion: '9' },
    });
  });
});
