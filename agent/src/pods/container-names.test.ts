import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ContainerNames } from './container-names.ts';

const id = '0123456789abcdef'.repeat(4);
const other = 'f'.repeat(64);
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tacho-names-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const link = (name: string, target: string) => symlinkSync(target, join(directory, name));

test('ContainerNames.get() knows pod, UID, container and restart count though the target cannot be read', () => {
  link(`web_default_app-${id}.log`, '/nowhere/default_web_u-1/app/3.log');
  const names = new ContainerNames(directory);
  names.refresh();
  expect(names.get(id)).toEqual({
    namespace: 'default',
    pod: 'web',
    container: 'app',
    podUid: 'u-1',
    restartCount: 3,
    containerId: id,
    linkedAtMs: expect.closeTo(Date.now(), -4),
  });
});

test('ContainerNames.refresh() follows links that come and go', () => {
  link(`web_default_app-${id}.log`, '/p/default_web_u/app/0.log');
  const names = new ContainerNames(directory);
  names.refresh();
  rmSync(join(directory, `web_default_app-${id}.log`));
  link(`web_default_app-${other}.log`, '/p/default_web_u/app/1.log');
  names.refresh();
  expect(names.get(id)).toBeUndefined();
  expect(names.get(other)?.restartCount).toBe(1);
});

test('ContainerNames.refresh() does not name a link whose target tells another story, nor plain files', () => {
  link(`web_default_app-${id}.log`, '/p/default_evil_u/app/0.log');
  writeFileSync(join(directory, `web_default_app-${other}.log`), '');
  mkdirSync(join(directory, 'directory'));
  const names = new ContainerNames(directory);
  names.refresh();
  expect([names.get(id), names.get(other), names.problem]).toEqual([undefined, undefined, undefined]);
  expect(names.doubts()).toEqual([
    {
      code: 'link-disagrees',
      podUid: undefined,
      sentence: expect.stringContaining('does not fit what it points to'),
    },
  ]);
});

test('ContainerNames.refresh() says why the directory cannot be read and keeps what it knew', () => {
  link(`web_default_app-${id}.log`, '/p/default_web_u/app/0.log');
  const names = new ContainerNames(directory);
  names.refresh();
  rmSync(directory, { recursive: true });
  names.refresh();
  expect(names.problem).toMatch(/cannot list .*ENOENT/);
  expect(names.get(id)?.pod).toBe('web');
});

test('ContainerNames names old and new pod of one name by their own UIDs while both are there', () => {
  link(`web-0_default_app-${id}.log`, '/p/default_web-0_u-old/app/2.log');
  link(`web-0_default_app-${other}.log`, '/p/default_web-0_u-new/app/0.log');
  const names = new ContainerNames(directory);
  names.refresh();
  expect([names.get(id)?.podUid, names.get(other)?.podUid]).toEqual(['u-old', 'u-new']);
});

test('ContainerNames names init, ordinary and ephemeral containers of a pod alike, and a restarted one twice', () => {
  const ids = Array.from({ length: 6 }, (_, index) => String(index).repeat(64));
  const containers = ['init-1/0', 'init-2/0', 'app/0', 'app/1', 'debugger-x1/0', 'debugger-x2/0'];
  for (const [index, path] of containers.entries()) {
    link(`web_default_${path.slice(0, -2)}-${ids[index]}.log`, `/p/default_web_u/${path}.log`);
  }
  const names = new ContainerNames(directory);
  names.refresh();
  expect(ids.map((each) => `${names.get(each)?.container}/${names.get(each)?.restartCount}`)).toEqual(
    containers,
  );
});

test('ContainerNames gives a static pod the hash that its cgroup has for a UID', () => {
  link(`etcd-node1_kube-system_etcd-${id}.log`, `/p/kube-system_etcd-node1_${'0a'.repeat(16)}/etcd/4.log`);
  const names = new ContainerNames(directory);
  names.refresh();
  expect(names.get(id)).toMatchObject({ pod: 'etcd-node1', podUid: '0a'.repeat(16), restartCount: 4 });
});

test.each([
  ['has been still for long', 10_000],
  ['has changed just now', 0],
])('ContainerNames.refresh() sees at once what changes in a directory that %s', (_, aheadMs) => {
  const names = new ContainerNames(directory, () => Date.now() + aheadMs);
  const newId = (count: number) => `${count}`.repeat(64);
  for (const count of [1, 2, 3]) {
    link(`web_default_app-${newId(count)}.log`, '/p/default_web_u/app/0.log');
    names.refresh();
    expect(names.get(newId(count))).toBeDefined();
    names.refresh();
    expect([...names.all()]).toHaveLength(count);
  }
  rmSync(join(directory, `web_default_app-${newId(2)}.log`));
  names.refresh();
  expect([...names.all()]).toHaveLength(2);
});
