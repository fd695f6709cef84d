import { expect, test } from 'vitest';
import type { NamedContainer, NameSource } from './name-source.ts';
import { type Found, notReported, podNotReported } from './not-reported.ts';

/** Pods of a sandbox and some named containers, and which cgroups were asked for their inode number. */
function fixtureNode(pods: number, containersOfEach: number) {
  const asked: string[] = [];
  const named = new Map<string, NamedContainer>();
  const containers = Array.from({ length: pods }, (_, pod) => `pod${pod}`).flatMap((podUid) =>
    Array.from({ length: containersOfEach + 1 }, (_, index) => {
      const containerId = `${podUid}-${index}`;
      const owner = { namespace: 'default', pod: podUid, podUid, container: `c${index}` };
      if (index > 0) named.set(containerId, { ...owner, containerId, restartCount: 0, linkedAtMs: 0 });
      return { path: `/kubepods/${podUid}/${containerId}`, podUid, containerId };
    }),
  );
  const found: Found = {
    hierarchy: '/nowhere',
    pods: [],
    containers,
    inode: (path) => {
      asked.push(path);
      return containers.findIndex((each) => each.path === path);
    },
  };
  const names: NameSource = {
    ...{ problem: undefined, from: 'log links', refresh: () => undefined, doubts: () => [] },
    get: (containerId) => named.get(containerId),
    all: () => named.values(),
  };
  return { found, names, named, asked };
}

test('notReported() asks for each inode number once, however many containers a pod has', () => {
  const { found, names, asked } = fixtureNode(3, 20);
  expect(notReported(found, names).map(({ code }) => code)).toEqual(['sandbox', 'sandbox', 'sandbox']);
  expect(asked.sort()).toEqual(found.containers.map(({ path }) => path).sort());
});

test('notReported() asks for no inode number of a pod with two nameless cgroups: neither is certainly the sandbox', () => {
  const { found, names, named, asked } = fixtureNode(1, 20);
  named.delete('pod0-1');
  expect(notReported(found, names).map(({ code }) => code)).toEqual(['starting', 'starting']);
  expect(asked).toEqual([]);
});

test('podNotReported() has what notReported() has of the pod, and looks at no other', () => {
  const { found, names, named, asked } = fixtureNode(3, 2);
  for (const pod of ['pod0', 'pod1']) {
    const owner = { namespace: 'default', pod, podUid: pod, container: 'init' };
    named.set(`${pod}-init`, { ...owner, containerId: `${pod}-init`, restartCount: 0, linkedAtMs: 0 });
  }
  const all = notReported(found, names);
  asked.length = 0;
  const own = podNotReported({ namespace: 'default', name: 'pod1' }, found, names);
  expect(own).toMatchObject([{ code: 'no-cgroup', containerId: 'pod1-init' }]);
  expect(own).toEqual(all.filter(({ pod }) => pod === 'pod1'));
  expect(asked).toEqual([]);
});
