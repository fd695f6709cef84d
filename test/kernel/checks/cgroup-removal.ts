import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { CgroupUsage } from 'node-cgroup-stats';
import { createCgroupTree, createCgroupUsage } from 'node-cgroup-stats';
import type { KernelCheck } from './kernel-check.ts';

const openDescriptors = () => readdirSync('/proc/self/fd').length;

function assertAllGone(usage: CgroupUsage): void {
  const { sampledAtUsec, ...quantities } = usage;
  for (const [field, value] of Object.entries(quantities)) {
    assert.ok(value === 'gone' || Number.isNaN(value), `expected ${field} to be gone, found ${value}`);
  }
}

const goneAfterRemoval: KernelCheck = {
  name: 'a cgroup removed between two readings is gone, stays gone under its old name, and holds no descriptor',
  needs: [],
  run: async (context) => {
    const before = openDescriptors();
    const first = await context.makeCgroup('again');
    const tree = createCgroupTree(context.layout);
    const old = tree.open(first.path);
    const usage = createCgroupUsage();
    assert.equal(old.read(usage), 'ok');
    assert.ok(openDescriptors() > before);
    await first.remove();
    assert.equal(old.read(usage), 'gone');
    assertAllGone(usage);
    assert.equal(openDescriptors(), before);

    const second = await context.makeCgroup('again');
    const young = tree.open(second.path);
    try {
      assert.equal(second.path, first.path);
      assert.equal(old.read(usage), 'gone');
      assertAllGone(usage);
      assert.equal(young.read(usage), 'ok');
    } finally {
      young.close();
      await second.remove();
    }
  },
};

const recreatedUnread: KernelCheck = {
  name: 'a cgroup removed and made again between two readings is gone',
  needs: [],
  run: async (context) => {
    const first = await context.makeCgroup('swift');
    const old = createCgroupTree(context.layout).open(first.path);
    const usage = createCgroupUsage();
    assert.equal(old.read(usage), 'ok');
    await first.remove();
    const second = await context.makeCgroup('swift');
    try {
      assert.equal(old.read(usage), 'gone');
      assertAllGone(usage);
    } finally {
      old.close();
      await second.remove();
    }
  },
};

export const removalChecks: readonly KernelCheck[] = [goneAfterRemoval, recreatedUnread];
