import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isRootOfPart, type SupportedLayout } from 'node-cgroup-stats';
import { listedHierarchy } from '../../../agent/src/layout/node-layout.ts';
import { cgroupInode, isEmptyCgroup } from '../../../agent/src/pods/cgroup-directory.ts';
import { startInCgroup } from './child-process.ts';
import type { KernelCheck } from './kernel-check.ts';

const emptiness: KernelCheck = {
  name: 'a cgroup is empty until a process is in it or below it',
  needs: [],
  run: async ({ layout, makeCgroup }) => {
    const outer = await makeCgroup('names');
    const inner = await makeCgroup('names/inner');
    const isEmpty = (path: string) => isEmptyCgroup(listedHierarchy(layout), path);
    try {
      // On v1 a cgroup below it is memory that is charged to the outer one.
      if (layout.mode === 'v2') assert.equal(isEmpty(`/${outer.path}`), true);
      assert.equal(isEmpty(`/${inner.path}`), true);
      const child = startInCgroup(inner, 'process.stdout.write("."); setInterval(() => {}, 1_000);');
      try {
        await child.firstOutput;
        assert.deepEqual([isEmpty(`/${outer.path}`), isEmpty(`/${inner.path}`)], [false, false]);
      } finally {
        await child.end();
      }
      assert.equal(isEmpty('/no-such-cgroup'), false);
    } finally {
      await inner.remove();
      await outer.remove();
    }
  },
};

const birthOrder: KernelCheck = {
  name: 'a cgroup made later has a higher inode number, also after others have gone',
  needs: [],
  run: async ({ layout, makeCgroup }) => {
    const inodes: number[] = [];
    for (const name of ['one', 'two', 'three']) {
      const cgroup = await makeCgroup(`names-${name}`);
      inodes.push(cgroupInode(listedHierarchy(layout), `/${cgroup.path}`) ?? Number.NaN);
      await cgroup.remove();
    }
    assert.deepEqual(
      inodes,
      inodes.toSorted((one, other) => one - other),
    );
    assert.equal(new Set(inodes).size, inodes.length);
  },
};

const rootOfPart: KernelCheck = {
  name: 'the root of a part of the tree is told from the machine’s root',
  needs: [],
  run: async ({ layout, makeCgroup }) => {
    const cgroup = await makeCgroup('names');
    const directory = join(listedHierarchy(layout), cgroup.path);
    const part: SupportedLayout =
      layout.mode === 'v2' ? { ...layout, directory } : { ...layout, memoryDirectory: directory };
    try {
      assert.equal(isRootOfPart(part), true);
      const hasParent =
        layout.mode === 'v2'
          ? existsSync(join(layout.directory, 'cgroup.events'))
          : !existsSync(join(layout.memoryDirectory, 'release_agent'));
      assert.equal(isRootOfPart(layout), hasParent);
    } finally {
      await cgroup.remove();
    }
  },
};

export const agentNameChecks: readonly KernelCheck[] = [emptiness, birthOrder, rootOfPart];
