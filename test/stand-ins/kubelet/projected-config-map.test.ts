import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { eventually } from '../../eventually.ts';
import { createObjectStore } from '../kube-apiserver/object-store.ts';
import { resourceTypes } from '../kube-apiserver/resource-types.ts';
import { projectConfigMap } from './projected-config-map.ts';

const folder = mkdtempSync(join(tmpdir(), 'tacho-projected-'));
afterAll(() => rmSync(folder, { recursive: true }));
const metadata = { namespace: 'tacho', name: 'ca' };
test('projectConfigMap() shows a key when it is there, follows it by one link, and keeps what was deleted', async () => {
  const store = createObjectStore({ now: () => new Date() }, { types: resourceTypes });
  store.create('configmaps', { metadata });
  using projected = projectConfigMap(store, metadata, join(folder, 'volume'), 20);
  const file = projected.file('ca.crt');
  const text = () => readFileSync(file, 'utf8');
  expect(existsSync(file)).toBe(false);
  store.update('configmaps', { metadata, data: { 'ca.crt': 'a' } });
  await eventually(() => expect(text()).toBe('a'));
  store.update('configmaps', { metadata, data: { 'ca.crt': 'b' } });
  expect(text()).toBe('a');
  await eventually(() => expect(text()).toBe('b'));
  store.delete('configmaps', 'ca', 'tacho');
  store.create('configmaps', { metadata, data: { 'ca.crt': 'c' } });
  await eventually(() => expect(text()).toBe('c'));
  expect(readdirSync(join(folder, 'volume')).length).toBe(3);
});
