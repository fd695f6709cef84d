import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ContainerNames } from './container-names.ts';
import type { ContainerCgroup } from './kubepods-tree.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tacho-cut-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Makes the link as the kubelet does. @param digits of the container ID that its name still has */
function link(containerId: string, digits: number, { podUid = 'u', restartCount = 0 } = {}): void {
  const pod = 'p'.repeat(251 - '_default_app-'.length - digits);
  const name = `${pod}_default_app-${containerId}`.slice(0, 251);
  symlinkSync(`/p/default_${pod}_${podUid}/app/${restartCount}.log`, join(directory, `${name}.log`));
}

const cgroup = (containerId: string, podUid = 'u'): ContainerCgroup => ({
  path: `/${containerId}`,
  podUid,
  containerId,
});

function namesOf(...cgroups: ContainerCgroup[]): ContainerNames {
  const names = new ContainerNames(directory);
  names.refresh(cgroups);
  return names;
}

const container = '0123456789abcdef'.repeat(4);
const sandbox = 'fedcba9876543210'.repeat(4);

test.each([8, 30, 63])(
  'a link cut to %i digits names the one cgroup of its pod that begins with them',
  (digits) => {
    link(container, digits, { restartCount: 3 });
    const names = namesOf(cgroup(sandbox), cgroup(container), cgroup(container.replace(/.$/, '0'), 'other'));
    expect(names.get(container)).toMatchObject({
      podUid: 'u',
      container: 'app',
      restartCount: 3,
      containerId: container,
    });
    expect([names.get(sandbox), names.doubts()]).toEqual([undefined, []]);
  },
);

test.each([0, 1, 7])(
  'a link cut to %i digits names nothing, even where one cgroup fits, and says so',
  (digits) => {
    link(container, digits);
    const names = namesOf(cgroup(container));
    expect(names.get(container)).toBeUndefined();
    expect(names.doubts()).toMatchObject([
      {
        code: 'link-cut',
        podUid: 'u',
        sentence: expect.stringContaining(`${digits} of the container ID’s 64 digits`),
      },
    ]);
  },
);

test('a cut link whose container has ended does not name the sandbox', () => {
  link(container, 8);
  const names = namesOf(cgroup(sandbox));
  expect([names.get(sandbox), names.doubts().length]).toEqual([undefined, 1]);
});

test('a cut link that fits two cgroups names neither', () => {
  const twin = container.replace(/.$/, '0');
  link(container, 20);
  const names = namesOf(cgroup(container), cgroup(twin));
  expect([names.get(container), names.get(twin), names.doubts().length]).toEqual([undefined, undefined, 1]);
});

test('a cut link names no cgroup without a pod’s UID, nor of another pod', () => {
  link(container, 20);
  const names = namesOf({ ...cgroup(container), podUid: undefined }, cgroup(container, 'other'));
  expect(names.get(container)).toBeUndefined();
});

test('two cut links of one pod that claim the same cgroup name it not', () => {
  link(container, 20);
  link(container, 10);
  const names = namesOf(cgroup(container));
  expect([names.get(container), names.doubts().length]).toEqual([undefined, 2]);
});

test('a restarted container is found by its new link, and the old one is in doubt', () => {
  link(sandbox.replace('f', 'a'), 20);
  link(container, 20, { restartCount: 1 });
  const names = namesOf(cgroup(sandbox), cgroup(container));
  expect(names.get(container)?.restartCount).toBe(1);
  expect(names.doubts()).toHaveLength(1);
});

test('a cut link that comes to point to another container is read anew', () => {
  const names = new ContainerNames(directory);
  link(container, 20);
  names.refresh([cgroup(container)]);
  for (const name of readdirSync(directory)) rmSync(join(directory, name));
  link(container, 20, { podUid: 'u2', restartCount: 1 });
  names.refresh([cgroup(container, 'u2')]);
  expect(names.get(container)).toMatchObject({ podUid: 'u2', restartCount: 1 });
});
