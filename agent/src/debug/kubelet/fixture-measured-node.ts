import type { Measured, MeasuredNode } from './measured-values.ts';

const atMs = Date.UTC(2026, 0, 1, 0, 0, 5, 250);

function reading(seconds: number, nanoseconds: number, memoryWorkingSetBytes: number): Measured {
  return { atMs, cpuTime: { seconds, nanoseconds }, cpuNanocores: 250_000_000, memoryWorkingSetBytes };
}

const line = { avg10: 1.5, avg60: 0.25, avg300: 0, totalUsec: 1_234 };
const pressure = { some: line, full: { ...line, totalUsec: 1_000 } };

/** Two pods: one with everything and two containers, one without a cgroup of its own. */
export const measuredFixture: MeasuredNode = {
  name: 'node-1',
  bootedAtMs: Date.UTC(2025, 11, 31),
  node: { ...reading(10_000_000, 1, 2 ** 31), memoryLimitBytes: 2 ** 33, swapBytes: 0 },
  allPods: { startedAtMs: Date.UTC(2025, 11, 31), ...reading(9, 0, 2 ** 22) },
  pods: [
    {
      ...{ namespace: 'default', name: 'web', uid: 'uid-web', startedAtMs: atMs - 60_000 },
      own: reading(5, 500_000_000, 2 ** 21),
      containers: [
        { name: 'proxy', startedAtMs: atMs - 50_000, ...reading(0, 0, 0) },
        {
          ...{ name: 'app', startedAtMs: atMs - 50_125.5, swapBytes: 4096, swapLimitBytes: 8192 },
          ...reading(4, 710_169_000, 2 ** 20),
          ...{ memoryUsageBytes: 2 ** 22, memoryRssBytes: 2 ** 19, memoryLimitBytes: 2 ** 20 - 1 },
          ...{ cpuPressure: { some: line }, memoryPressure: pressure, ioPressure: pressure },
        },
      ],
    },
    {
      ...{ namespace: 'a', name: 'db', uid: '7d0a9b2c4e6f8091a2b3c4d5e6f70819', startedAtMs: atMs - 1_000 },
      own: undefined,
      containers: [
        { name: 'one', startedAtMs: atMs - 900, ...reading(1, 600_000_000, 10) },
        { name: 'two', startedAtMs: atMs - 800, ...reading(2, 600_000_000, 20) },
      ],
    },
  ],
  isWhole: true,
};
