import { expect, test } from 'vitest';
import { metricsResource } from '../debug/kubelet/metrics-resource.ts';
import { FixtureNode, windowUsec } from '../sampling/fixture-node.ts';
import { type MeasuredNodeDeps, measuredNode } from './measured-node.ts';

/** A node as its kubelet's endpoints tell of it. */
function measuredFixture(namesProblem?: string, signals?: MeasuredNodeDeps['signals']) {
  const node = new FixtureNode();
  const podCgroups = node.podCgroups();
  const tick = () => {
    node.tick();
    podCgroups.read(node.sampler.containers(), windowUsec);
  };
  const bootedAtMs = node.wallMs - 1_000_000;
  const facts = { nodeName: 'node-1', bootedAtMs, memoryTotalBytes: 2 ** 34, madeAtMs: () => undefined };
  const measured = () => {
    const clocks = node.clocks();
    return measuredNode(
      { sampler: node.sampler, podCgroups, namesProblem, signals, ...facts },
      windowUsec,
      clocks,
    );
  };
  return { node, tick, measured };
}

test('measuredNode() has counters, rates and memory of node, pods and containers at the time of their reading', () => {
  const { node, tick, measured } = measuredFixture();
  node.place({ id: 'a1', pod: 'web', age: 60 });
  node.set('podweb-uid', { usageSeconds: 1, memoryUsageStatus: 'ok', memoryUsageBytes: 8192 });
  tick();
  node.advance(5, 0.5);
  node.set('a1', { usageSeconds: 2, usageNanoseconds: 7, swapStatus: 'ok', swapBytes: 0 });
  tick();
  const atMs = node.wallMs;
  node.advance(2);
  expect(measured()).toEqual({
    name: 'node-1',
    bootedAtMs: expect.any(Number),
    node: {
      atMs,
      cpuTime: { seconds: 2.5, nanoseconds: 0 },
      cpuNanocores: 500_000_000,
      memoryWorkingSetBytes: 4096,
      memoryLimitBytes: 2 ** 34,
    },
    pods: [
      {
        ...{ namespace: 'default', name: 'web', uid: 'web-uid', startedAtMs: atMs - 65_000 },
        own: {
          atMs,
          cpuTime: { seconds: 3.5, nanoseconds: 0 },
          cpuNanocores: 500_000_000,
          memoryUsageBytes: 8192,
          memoryWorkingSetBytes: 4096,
        },
        containers: [
          {
            ...{ name: 'app', startedAtMs: atMs - 65_000, atMs, swapBytes: 0 },
            cpuTime: { seconds: 2, nanoseconds: 7 },
            cpuNanocores: 400_000_001,
            memoryWorkingSetBytes: 4096,
          },
        ],
      },
    ],
    isWhole: true,
  });
});

test('measuredNode() leaves out what cannot be read, and keeps zero', () => {
  const { node, tick, measured } = measuredFixture();
  node.place({ id: 'a1', pod: 'web' });
  node.place({ id: 'b1', pod: 'db' });
  node.set('a1', { usageSeconds: 0, workingSetStatus: 'absent' });
  node.set('b1', { cpuStatus: 'unreadable', workingSetStatus: 'unreadable' });
  tick();
  expect(measured().pods).toMatchObject([
    { name: 'web', own: undefined, containers: [{ cpuTime: { seconds: 0, nanoseconds: 0 } }] },
  ]);
  expect(measured().pods[0]?.containers[0]).not.toHaveProperty('memoryWorkingSetBytes');
});

test('metricsResource() says 1 as its error where containers cannot be named, and still tells of the node', () => {
  const { tick, measured } = measuredFixture('cannot list /logs');
  tick();
  expect(metricsResource(measured())).toMatch(/^node_cpu_usage_seconds_total 0 \d+\n/m);
  expect(metricsResource(measured())).toMatch(/^resource_scrape_error 1\n/m);
});

test('measuredNode() has limits and kinds of memory where they were read, and none that is no limit', () => {
  const missing = { status: 'absent', why: 'not here' } as const;
  const pressure = { some: { avg10: 0, avg60: 0, avg300: 0, totalUsec: 7 } };
  const signals = {
    container: () => ({
      anonBytes: { status: 'ok', value: 0 },
      memoryLimitBytes: { status: 'ok', value: 2 ** 30 },
      swapLimitBytes: { status: 'ok', value: 'max' },
      ...{ cpuPressure: { status: 'ok', value: pressure }, memoryPressure: missing, ioPressure: missing },
    }),
    pod: () => undefined,
    node: undefined,
  } as unknown as NonNullable<MeasuredNodeDeps['signals']>;
  const { node, tick, measured } = measuredFixture(undefined, signals);
  node.place({ id: 'a1', pod: 'web' });
  tick();
  const container = measured().pods[0]?.containers[0];
  expect(container).toMatchObject({ memoryRssBytes: 0, memoryLimitBytes: 2 ** 30, cpuPressure: pressure });
  for (const absent of ['swapLimitBytes', 'memoryPressure', 'ioPressure'])
    expect(container).not.toHaveProperty(absent);
});

test.each([
  [['/kubepods'], 4096],
  [['/kubepods', '/kubepods.slice'], undefined],
  [[], undefined],
])('measuredNode() has all pods together where one cgroup holds them (%j)', (kubepodsRoots, bytes) => {
  const node = new FixtureNode();
  const podCgroups = node.podCgroups();
  for (const root of ['kubepods', 'kubepods.slice']) node.set(root, { usageSeconds: 1 });
  node.tick();
  podCgroups.read([], windowUsec, kubepodsRoots);
  const facts = { nodeName: 'node-1', bootedAtMs: 0, memoryTotalBytes: 1, madeAtMs: () => 7 };
  const deps = { sampler: node.sampler, podCgroups, namesProblem: undefined, kubepodsRoots, ...facts };
  const clocks = node.clocks();
  expect(measuredNode(deps, windowUsec, clocks).allPods?.memoryWorkingSetBytes).toBe(bytes);
});
