import { expect, test } from 'vitest';
import { measuredFixture } from './fixture-measured-node.ts';
import { statsSummary } from './stats-summary.ts';

const summary = statsSummary(measuredFixture);
const time = '2026-01-01T00:00:05Z';
const averages = { avg10: 1.5, avg60: 0.25, avg300: 0 };
const psi = { some: { ...averages, total: 1_234_000 }, full: { ...averages, total: 1_000_000 } };

test('statsSummary() has the node with what is left of its memory', () => {
  expect(summary.node).toEqual({
    nodeName: 'node-1',
    startTime: '2025-12-31T00:00:00Z',
    systemContainers: [
      {
        name: 'pods',
        startTime: '2025-12-31T00:00:00Z',
        cpu: { time, usageNanoCores: 250_000_000, usageCoreNanoSeconds: 9e9 },
        memory: { time, workingSetBytes: 2 ** 22 },
      },
    ],
    cpu: { time, usageNanoCores: 250_000_000, usageCoreNanoSeconds: 1e16 + 1 },
    memory: { time, availableBytes: 2 ** 33 - 2 ** 31, workingSetBytes: 2 ** 31 },
    swap: { time, swapUsageBytes: 0 },
  });
});

test('statsSummary() has each container, nothing below zero, zero where it is zero', () => {
  const [web] = summary.pods;
  expect(web?.podRef).toEqual({ name: 'web', namespace: 'default', uid: 'uid-web' });
  expect(web?.cpu).toEqual({ time, usageNanoCores: 250_000_000, usageCoreNanoSeconds: 5.5e9 });
  expect(web?.containers).toEqual([
    {
      name: 'proxy',
      startTime: '2025-12-31T23:59:15Z',
      cpu: { time, usageNanoCores: 250_000_000, usageCoreNanoSeconds: 0 },
      memory: { time, workingSetBytes: 0 },
    },
    {
      name: 'app',
      startTime: '2025-12-31T23:59:15Z',
      cpu: { time, usageNanoCores: 250_000_000, usageCoreNanoSeconds: 4_710_169_000 },
      memory: {
        ...{ time, availableBytes: 0, usageBytes: 2 ** 22, workingSetBytes: 2 ** 20, rssBytes: 2 ** 19 },
        psi,
      },
      io: { time, psi },
      swap: { time, swapAvailableBytes: 4096, swapUsageBytes: 4096 },
    },
  ]);
});

test('statsSummary() sums the containers of a pod that has no cgroup of its own', () => {
  expect(summary.pods[1]).toMatchObject({
    podRef: { uid: '7d0a9b2c4e6f8091a2b3c4d5e6f70819' },
    cpu: { time, usageNanoCores: 500_000_000, usageCoreNanoSeconds: 4_200_000_000 },
    memory: { time, workingSetBytes: 30 },
  });
});

test('statsSummary() of CPU and memory alone has no I/O', () => {
  const [, app] = statsSummary(measuredFixture, true).pods[0]?.containers ?? [];
  expect(app?.memory?.psi).toEqual(psi);
  expect(app).not.toHaveProperty('io');
});
