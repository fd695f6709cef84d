import { expect, test } from 'vitest';
import { FixtureNode, second, windowUsec } from '../sampling/fixture-node.ts';
import { nodeState } from './node-state.ts';

/** A node with the pods' own cgroups, and what the debug endpoint shows of it. */
function shownNode(namesProblem?: string) {
  const node = new FixtureNode();
  const podCgroups = node.podCgroups();
  return {
    node,
    podCgroups,
    tick() {
      const sample = node.tick();
      podCgroups.read(node.sampler.containers(), windowUsec);
      return sample;
    },
    state: () => nodeState({ sampler: node.sampler, podCgroups, namesProblem }, windowUsec, node.clocks()),
  };
}

test('nodeState() shows node, pod and container with the readings behind each rate', () => {
  const { node, tick, state } = shownNode();
  node.place({ id: 'a1', pod: 'web', restartCount: 2 });
  node.set('podweb-uid', { usageSeconds: 1, swapStatus: 'ok', swapBytes: 0 });
  tick();
  node.advance(5, 0.25);
  tick();
  const at = (wallSecond: number) => `2026-01-01T00:00:0${wallSecond}.000Z`;
  const rate = { cpuNanocores: 250_000_000, windowUsec: 5 * second };
  const counters = [
    { at: at(0), cpuUsageUsec: 0, memoryWorkingSetBytes: 4096 },
    { at: at(5), cpuUsageUsec: 1_250_000, memoryWorkingSetBytes: 4096 },
  ];
  expect(state()).toEqual({
    node: { rate, counters },
    pods: [
      {
        namespace: 'default',
        name: 'web',
        uid: 'web-uid',
        cgroupPath: '/kubepods/podweb-uid',
        counters: [
          { at: at(0), cpuUsageUsec: 1_000_000, memoryWorkingSetBytes: 4096, swapBytes: 0 },
          { at: at(5), cpuUsageUsec: 2_250_000, memoryWorkingSetBytes: 4096, swapBytes: 0 },
        ],
        containers: [
          {
            name: 'app',
            containerId: 'a1',
            cgroupPath: '/kubepods/podweb-uid/a1',
            restartCount: 2,
            startedAt: '2025-12-31T23:00:00.000Z',
            rate,
            counters,
          },
        ],
      },
    ],
    unnamed: [],
    notReported: [],
  });
});

test('nodeState() says why node, pod and container have no value', () => {
  const { node, tick, state } = shownNode();
  node.place({ id: 'a1', pod: 'web', container: 'app' });
  node.place({ id: 'a2', pod: 'web', container: 'side' });
  tick();
  expect(state().node).toMatchObject({ why: 'first' });
  node.advance(5);
  node.set('a2', { cpuStatus: 'malformed', usageSeconds: Number.NaN, usageNanoseconds: Number.NaN });
  tick();
  const [pod] = state().pods;
  expect(pod?.why).toBe('container side: cpu malformed');
  expect(pod?.containers[0]).not.toHaveProperty('why');
  expect(pod?.containers[1]).toMatchObject({ name: 'side', why: 'cpu malformed' });
  expect(pod?.containers[1]).not.toHaveProperty('rate');
  expect(pod?.containers[1]?.counters.at(-1)).toEqual({
    at: '2026-01-01T00:00:05.000Z',
    memoryWorkingSetBytes: 4096,
  });
});

test('nodeState() says what the reading of a pod’s own cgroup lacks, and takes no value away for it', () => {
  const { node, tick, state } = shownNode();
  node.place({ id: 'a1', pod: 'web' });
  node.set('podweb-uid', { workingSetStatus: 'absent', workingSetBytes: Number.NaN });
  tick();
  node.advance(5);
  tick();
  const [pod] = state().pods;
  expect(pod?.countersWhy).toBe('memory absent');
  expect(pod).not.toHaveProperty('why');
});

test('nodeState() shows a container that is draining after its restart as superseded, last', () => {
  const { node, tick, state } = shownNode();
  node.place({ id: 'old', pod: 'web', restartCount: 0 });
  node.place({ id: 'new', pod: 'web', restartCount: 1 });
  tick();
  node.advance(5);
  tick();
  const [pod] = state().pods;
  expect(pod?.containers.map(({ containerId, why }) => [containerId, why])).toEqual([
    ['new', undefined],
    ['old', 'superseded'],
  ]);
  expect(pod).not.toHaveProperty('why');
});

test.each([
  [undefined, 'starting', expect.stringContaining('sandbox')],
  ['cannot list /logs: EACCES', 'names-unreadable', 'cannot list /logs: EACCES'],
])('nodeState() lists cgroups that nobody has named with the reason (%s)', (problem, code, sentence) => {
  const { node, tick, state } = shownNode(problem);
  node.place({ id: 'sandbox', pod: 'web', named: false });
  tick();
  const reason = { cgroupPath: '/kubepods/podweb-uid/sandbox', code, sentence, mend: expect.any(String) };
  expect(state()).toMatchObject({
    pods: [],
    unnamed: [{ ...reason, containerId: 'sandbox', podUid: 'web-uid' }],
    notReported: [
      { what: 'node', code: 'first' },
      { ...reason, what: 'cgroup' },
    ],
  });
});

test('nodeState() lists each container that keeps its pod from being reported', () => {
  const { node, tick, state } = shownNode();
  node.place({ id: 'one', pod: 'web', container: 'one' });
  node.place({ id: 'two', pod: 'web', container: 'two' });
  tick();
  node.advance(5, 1);
  node.set('two', { workingSetStatus: 'absent' });
  tick();
  expect(state().notReported).toEqual([
    {
      ...{ what: 'container', namespace: 'default', pod: 'web', container: 'two' },
      ...{ cgroupPath: '/kubepods/podweb-uid/two', code: 'memory-absent' },
      ...{ sentence: expect.stringContaining('memory'), mend: expect.stringContaining('controller') },
    },
  ]);
});

test('nodeState() shows what was pushed beside what was made of the counters', () => {
  const { node, tick, podCgroups } = shownNode();
  node.place({ id: 'a1', pod: 'web' });
  tick();
  node.advance(5, 0.25);
  const { report } = tick();
  const clocks = node.clocks();
  const deps = { sampler: node.sampler, podCgroups, namesProblem: undefined, pushed: report };
  const shown = nodeState(deps, windowUsec, clocks);
  const pushed = { cpuNanocores: 250_000_000, windowUsec: 5 * second, memoryWorkingSetBytes: 4096 };
  expect(shown.node.pushed).toEqual(pushed);
  expect(shown.pods[0]?.containers[0]).toMatchObject({ rate: { cpuNanocores: 250_000_000 }, pushed });
});

test('nodeState() of one pod, or after an instant, has nothing else', () => {
  const { node, tick, podCgroups } = shownNode();
  node.place({ id: 'a1', pod: 'web' });
  node.place({ id: 'b1', pod: 'db' });
  tick();
  const firstUsec = node.nowUsec;
  node.advance(5);
  tick();
  const clocks = node.clocks();
  const deps = { sampler: node.sampler, podCgroups, namesProblem: undefined };
  const { node: all, pods } = nodeState(deps, windowUsec, clocks, {
    countersAfterUsec: firstUsec,
    pod: { namespace: 'default', name: 'db' },
  });
  expect(pods.map(({ name }) => name)).toEqual(['db']);
  expect(all.counters).toHaveLength(1);
  expect(pods[0]?.containers[0]?.counters).toHaveLength(1);
});

test('nodeState() agrees with the report: the pods without a reason are those that were reported', () => {
  const { node, tick, state } = shownNode();
  for (const pod of ['one', 'two', 'three']) node.place({ id: pod, pod });
  tick();
  node.advance(5, 1);
  node.set('two', { workingSetStatus: 'unreadable' });
  const { report } = tick();
  const shown = state().pods.filter(({ why }) => why === undefined);
  expect(shown.map(({ name, containers }) => [name, containers[0]?.rate])).toEqual(
    report.pods.map(({ name, containers }) => {
      const { cpuNanocores, windowUsec: coveredUsec } = containers[0]?.usage ?? {};
      return [name, { cpuNanocores, windowUsec: coveredUsec }];
    }),
  );
  expect(shown).toHaveLength(2);
});
