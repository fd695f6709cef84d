import type { DebugState, PodDetail, PodState } from '../debug/debug-state.ts';

const at = '2026-01-01T00:00:05.000Z';
const time = '2026-01-01T00:00:06.500Z';

const web: PodState = {
  ...{ namespace: 'default', name: 'web', uid: 'uid-web', cgroupPath: '/kubepods/poduid-web', counters: [] },
  containers: [
    {
      ...{ name: 'app', containerId: 'a'.repeat(64), cgroupPath: '/kubepods/poduid-web/a' },
      ...{ restartCount: 2, startedAt: '2025-12-31T23:00:00.000Z' },
      kernelFiles: [
        { path: '/cg/cpu.stat', readAt: at, readFor: 'tick', text: 'usage_usec 1250000\n\u001b[31mred\n' },
        { path: '/cg/memory.swap.current', readAt: at, readFor: 'tick', problem: 'ENOENT' },
      ],
      counters: [{ at, cpuUsageUsec: 1_250_000, memoryWorkingSetBytes: 136_524_595 }],
      rate: { cpuNanocores: 250_000_000, windowUsec: 9_999_000 },
      pushed: { cpuNanocores: 250_000_000, windowUsec: 9_999_000, memoryWorkingSetBytes: 136_524_595 },
    },
  ],
};

const db: PodState = {
  ...{ namespace: 'default', name: 'db', uid: 'uid-db', counters: [], why: 'container main: first' },
  containers: [
    {
      ...{ name: 'main', containerId: 'b'.repeat(64), cgroupPath: '/kubepods/poduid-db/b', restartCount: 0 },
      ...{ startedAt: at, counters: [], why: 'first' },
    },
  ],
};

/** What /debug/state answers: one pod that is reported, one that is not yet, a sandbox, a replica that does not answer. */
export const stateAnswer: DebugState = {
  ...{ time, agentVersion: '1.2.3', periodUsec: 5_000_000, windowUsec: 10_000_000 },
  replicas: [
    {
      ...{ address: '10.0.0.1:10251', connected: true, since: '2025-12-31T23:00:06.500Z' },
      sent: { sampledAt: at, at, reports: 24 },
      answered: { at: '2026-01-01T00:00:03.500Z', periodUsec: 5_000_000, windowUsec: 10_000_000, peers: 2 },
    },
    { address: '10.0.0.2:10251', connected: false, since: at, lastError: 'refused' },
  ],
  report: { sampledAt: at, pods: 1, containers: 1 },
  node: {
    ...{ name: 'node-1', cgroupMode: 'v2', counters: [{ at, memoryWorkingSetBytes: 2 ** 30 }] },
    rate: { cpuNanocores: 1_500_000_000, windowUsec: 10_000_000 },
    pushed: { cpuNanocores: 1_500_000_000, windowUsec: 10_000_000, memoryWorkingSetBytes: 2 ** 30 },
  },
  pods: [web, db],
  unnamed: [{ code: 'sandbox', sentence: 'the sandbox', cgroupPath: '/s', containerId: 's' }],
  notReported: [
    {
      what: 'container',
      namespace: 'default',
      pod: 'db',
      container: 'main',
      code: 'first',
      sentence: 'Read once.',
      mend: 'Wait.',
    },
    { what: 'cgroup', code: 'sandbox', sentence: 'the sandbox', cgroupPath: '/s' },
  ],
};

/** What /debug/pods/default/web answers. */
export const podAnswer: PodDetail = {
  ...{ time, agentVersion: '1.2.3', periodUsec: 5_000_000, windowUsec: 10_000_000 },
  replicas: stateAnswer.replicas,
  report: { sampledAt: at, pods: 1, containers: 1 },
  node: { name: 'node-1', cgroupMode: 'v2' },
  pods: [web],
  notReported: [],
};
