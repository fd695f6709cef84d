import { expect, test } from 'vitest';
import { NodeIndex } from './node-index.ts';
import type { KubeObject } from './reflector.ts';

const node = (name: string, labels?: Record<string, string>): KubeObject => ({
  metadata: { name, ...(labels === undefined ? {} : { labels }) },
});

function indexOf(...objects: KubeObject[]): NodeIndex {
  const index = new NodeIndex();
  index.replace(objects);
  return index;
}

test('NodeIndex lists nodes in order, with their labels', () => {
  const index = indexOf(node('n2', { zone: 'b' }), node('n10'));
  index.set(node('n1', { zone: 'a' }));
  expect(index.all()).toEqual([
    { name: 'n1', labels: { zone: 'a' } },
    { name: 'n10', labels: {} },
    { name: 'n2', labels: { zone: 'b' } },
  ]);
});

test('NodeIndex.set() keeps the identical record through a heartbeat and replaces it when a label changes', () => {
  const index = indexOf(node('n1', { zone: 'a' }));
  const before = index.get('n1');
  const listed = index.all();
  index.set(node('n1', { zone: 'a' }));
  expect(index.get('n1')).toBe(before);
  expect(index.all()).toBe(listed);
  index.set(node('n1', { zone: 'b' }));
  expect(index.get('n1')).toEqual({ name: 'n1', labels: { zone: 'b' } });
  expect(index.all()).toEqual([index.get('n1')]);
});

test('NodeIndex.replace() forgets what is no longer listed and keeps the record of what did not change', () => {
  const index = indexOf(node('n1'), node('n2'));
  const kept = index.get('n2');
  index.replace([node('n3'), node('n2')]);
  expect(index.all().map(({ name }) => name)).toEqual(['n2', 'n3']);
  expect(index.get('n2')).toBe(kept);
});

test('NodeIndex.remove() takes a node away; an unknown one changes nothing', () => {
  const index = indexOf(node('n1'), node('n2'));
  index.remove(node('n1'));
  index.remove(node('never'));
  expect(index.all().map(({ name }) => name)).toEqual(['n2']);
  expect(index.get('n1')).toBeUndefined();
});
