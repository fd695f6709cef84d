import type { KernelFile } from 'node-cgroup-stats';
import { expect, test } from 'vitest';
import { FixtureNode, windowUsec } from '../sampling/fixture-node.ts';
import { PodCgroups } from '../sampling/pod-cgroups.ts';
import { nodeState } from './node-state.ts';

/** Four files for each container and pod, as on cgroup v2. @returns how many files the answer may read anew */
function readAnew(pods: number, pod?: { namespace: string; name: string }): number {
  const node = new FixtureNode();
  const files = Array.from({ length: 4 }, () => ({}) as KernelFile);
  const open = node.tree.open;
  node.tree.open = (path) => ({ ...open(path), files });
  const clock = { monotonicUsec: () => node.nowUsec };
  const podCgroups = new PodCgroups({ tree: node.tree, ...clock });
  for (let index = 0; index < pods; index += 1) {
    node.place({ id: `a${index}`, pod: `web${index}` });
    node.set(`podweb${index}-uid`, { usageSeconds: 0 });
  }
  node.tick();
  podCgroups.read(node.sampler.containers(), windowUsec);
  let count = 0;
  const kernelTexts = {
    of: (asked: readonly KernelFile[], mayRead: boolean) => {
      if (mayRead) count += asked.length;
      return [];
    },
  };
  nodeState(
    { sampler: node.sampler, podCgroups, namesProblem: undefined, kernelTexts },
    windowUsec,
    { monotonicUsec: node.nowUsec, wallMs: node.wallMs },
    { kernelFiles: true, ...(pod && { pod }) },
  );
  return count;
}

test('nodeState() reads the files of up to 25 pods of one container anew, and of more none', () => {
  expect(readAnew(25)).toBe(200);
  expect(readAnew(26)).toBe(0);
});

test('nodeState() of one pod reads its files anew however many others there are', () => {
  expect(readAnew(100, { namespace: 'default', name: 'web7' })).toBe(8);
});
