import { expect, test } from 'vitest';
import { NodeUids } from './node-uids.ts';

const node = (name: string, uid: string) => ({ metadata: { name, uid } });

test('NodeUids.find() has the UID that a node has now, also where it was made again under its name', () => {
  const uids = new NodeUids();
  uids.replace([node('n1', 'u1'), node('n2', 'u2')]);
  uids.remove(node('n1', 'u1'));
  expect([uids.find('n1'), uids.find('n2')]).toEqual([undefined, 'u2']);
  uids.set(node('n1', 'u3'));
  uids.set({ metadata: { name: 'n4' } });
  expect([uids.find('n1'), uids.find('n4')]).toEqual(['u3', undefined]);
  uids.replace([]);
  expect(uids.find('n1')).toBeUndefined();
});
