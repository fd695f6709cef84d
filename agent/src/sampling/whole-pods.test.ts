import { expect, test } from 'vitest';
import { measuredNode } from '../state/measured-node.ts';
import { nodeState } from '../state/node-state.ts';
import { FixtureNode, windowUsec } from './fixture-node.ts';
import type { WholePod } from './node-containers.ts';

const path = '/kubepods/podvm-uid';
const vm: WholePod = {
  ...{ path, code: 'kata' },
  named: {
    ...{ namespace: 'default', pod: 'vm', podUid: 'vm-uid', container: 'app' },
    ...{ restartCount: 0, containerId: 'a1', linkedAtMs: 0 },
  },
};

/** A node with a pod in a virtual machine, read twice. */
function nodeWithKata() {
  const node = new FixtureNode();
  node.set('podvm-uid', { usageSeconds: 1 });
  const podCgroups = node.podCgroups();
  const reports = [0, 5].map((seconds) => {
    node.advance(seconds, 0.5);
    const { report } = node.tick();
    podCgroups.read(node.sampler.containers(), windowUsec, [path]);
    return report;
  });
  const deps = { sampler: node.sampler, podCgroups, namesProblem: undefined, wholePods: [vm] };
  return { node, reports, deps, clocks: { monotonicUsec: node.nowUsec, wallMs: node.wallMs } };
}

test('nodeState() shows a pod that is measured only as a whole with the counters of its own cgroup', () => {
  const { reports, deps, clocks } = nodeWithKata();
  expect(reports.flatMap(({ pods }) => pods)).toEqual([]);
  const { pods } = nodeState(deps, windowUsec, clocks);
  expect(pods).toMatchObject([
    { name: 'vm', uid: 'vm-uid', cgroupPath: path, why: 'measured only as a whole: kata', containers: [] },
  ]);
  expect(pods[0]?.counters.map(({ cpuUsageUsec }) => cpuUsageUsec)).toEqual([1_000_000, 3_500_000]);
  const asked = nodeState(deps, windowUsec, clocks, { pod: { namespace: 'default', name: 'other' } });
  expect(asked.pods).toEqual([]);
});

test('nodeState() shows a pod once, as soon as one of its containers is measured', () => {
  const { node, deps, clocks } = nodeWithKata();
  node.place({ id: 'a1', pod: 'vm' });
  node.tick();
  const { pods } = nodeState(deps, windowUsec, clocks);
  expect(pods.map(({ name, containers }) => [name, containers.length])).toEqual([['vm', 1]]);
});

test('measuredNode() has the pod, as the kubelet has, and no containers', () => {
  const { deps, clocks } = nodeWithKata();
  const facts = { nodeName: 'n', bootedAtMs: 0, memoryTotalBytes: 0, madeAtMs: () => 7 };
  const { pods } = measuredNode({ ...deps, ...facts }, windowUsec, clocks);
  expect(pods).toMatchObject([
    { name: 'vm', startedAtMs: 7, own: { cpuTime: { seconds: 3.5 } }, containers: [] },
  ]);
});
