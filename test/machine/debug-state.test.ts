import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CounterPoint } from '../../agent/src/debug/counter-points.ts';
import type { DebugState } from '../../agent/src/debug/debug-state.ts';
import { freePort } from '../free-port.ts';
import { until } from '../kernel/checks/until.ts';
import { createKernelContext } from '../kernel/context.ts';
import { type OneMachine, startOneMachine } from '../one-machine/one-machine.ts';
import { demoPods } from '../stand-ins/kubelet/pod-spec.ts';
import { cgroupRefusal } from './cgroup-rights.ts';
import { KernelTextLog } from './kernel-text-log.ts';

const refusal = await cgroupRefusal('debug-state.test.ts');

describe.skipIf(refusal !== undefined)('/debug/state', () => {
  let machine: OneMachine;
  let url = '';
  let kernelTexts: KernelTextLog;
  let earlier: DebugState;
  let state: DebugState;
  const failures: string[] = [];

  const fetchState = async () => (await (await fetch(url)).json()) as DebugState;
  const podsOf = ({ pods }: DebugState) => pods.map(({ name }) => name).sort();

  beforeAll(async () => {
    const port = await freePort();
    url = `http://localhost:${port}/debug/state`;
    machine = await startOneMachine({
      pods: demoPods(3600),
      metricResolution: '1s',
      agentArgs: [`--debug-port=${port}`],
      onFailure: (what) => failures.push(what),
    });
    await machine.agent.logged('stream to aggregator is open');
    const context = createKernelContext();
    if (typeof context === 'string') throw new Error(context);
    const pods = machine.workloads?.pods ?? [];
    const containers = pods.flatMap((pod) => pod.containers.map(({ cgroupPath }) => cgroupPath));
    kernelTexts = new KernelTextLog(context, [
      ...pods.map(({ cgroupPath = '' }) => cgroupPath),
      ...containers,
    ]);
    const stop = new AbortController();
    const running = kernelTexts.run(stop.signal);
    const hasReadPodsTwice = async () => {
      earlier ??= await fetchState();
      state = await fetchState();
      return state.periodUsec === 1_000_000 && state.pods.every(({ counters }) => counters.length >= 3);
    };
    await until('three readings of each pod', hasReadPodsTwice, 60_000);
    stop.abort();
    await running;
  });
  afterAll(async () => {
    await machine?.close();
    expect(failures).toEqual([]);
  });

  test('shows every pod with a rate, and the sandboxes as unnamed', () => {
    const running = machine.workloads?.pods ?? [];
    expect(podsOf(state)).toEqual(running.map(({ name }) => name).sort());
    expect(state.unnamed.map(({ containerId }) => containerId).sort()).toEqual(
      running.map(({ sandboxId }) => sandboxId).sort(),
    );
    for (const pod of state.pods) {
      const made = running.find(({ uid }) => uid === pod.uid);
      expect(pod).not.toHaveProperty('why');
      expect(pod.cgroupPath).toBe(made?.cgroupPath);
      for (const container of pod.containers) {
        const [one] = made?.containers ?? [];
        expect(container).toMatchObject({
          name: one?.name,
          containerId: one?.id,
          cgroupPath: one?.cgroupPath,
        });
        expect(container.rate?.cpuNanocores).toBeGreaterThanOrEqual(0);
        const lateMs = Date.parse(container.startedAt) - (one?.startedAt.wallMs ?? 0);
        expect(Math.abs(lateMs)).toBeLessThan(500);
      }
    }
    expect(state.node.rate?.cpuNanocores).toBeGreaterThan(0);
    expect(state.replicas).toMatchObject([{ connected: true, since: expect.stringMatching(/Z$/) }]);
  });

  test('has CPU counters that lie between two readings of the kernel’s text', () => {
    let compared = 0;
    for (const { cgroupPath, counters } of cgroupsOf(state)) {
      for (const { at, cpuUsageUsec } of counters) {
        const around = kernelTexts.cpuAround(cgroupPath ?? '', Date.parse(at));
        if (around === undefined) continue;
        const nsec = BigInt(Math.round((cpuUsageUsec ?? Number.NaN) * 1000));
        expect(nsec).toBeGreaterThanOrEqual(around.before);
        expect(nsec).toBeLessThanOrEqual(around.after);
        compared += 1;
      }
    }
    // Four containers once a second and four pods every ten, for ten seconds.
    expect(compared).toBeGreaterThan(38);
  });

  test('has the working set of the kernel’s text where nothing moves', () => {
    const idle = state.pods.find(({ name }) => name === 'idle')?.containers[0];
    const seen = kernelTexts.workingSets(idle?.cgroupPath ?? '');
    // Not those of before the kernel's text was kept.
    const isKept = ({ at }: CounterPoint) =>
      kernelTexts.cpuAround(idle?.cgroupPath ?? '', Date.parse(at)) !== undefined;
    const kept = idle?.counters.filter(isKept) ?? [];
    const shown = kept.map(({ memoryWorkingSetBytes }) => memoryWorkingSetBytes);
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter((bytes) => !seen.has(bytes))).toEqual([]);
  });

  test('has counters that only grow, and an earlier state is part of a later one', () => {
    const all = new Map(cgroupsOf(state).map(({ cgroupPath, counters }) => [cgroupPath, counters]));
    all.set('node', state.node.counters);
    for (const counters of all.values()) expectGrowth(counters);
    for (const { cgroupPath, counters } of [
      ...cgroupsOf(earlier),
      { cgroupPath: 'node', counters: earlier.node.counters },
    ]) {
      const later = all.get(cgroupPath)?.slice(0, counters.length) ?? [];
      expect(later.map(({ at: _, ...numbers }) => numbers)).toEqual(
        counters.map(({ at: _, ...numbers }) => numbers),
      );
    }
  });

  test('reads pods at most every ten seconds, and with their sandboxes', () => {
    for (const { counters, containers } of state.pods) {
      const instants = counters.map(({ at }) => Date.parse(at));
      const gaps = instants.slice(1).map((at, index) => at - (instants[index] ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThan(9_800);
      const last = counters.at(-1);
      const before = containers[0]?.counters.findLast(({ at }) => at <= (last?.at ?? ''));
      expect(last?.cpuUsageUsec).toBeGreaterThan(before?.cpuUsageUsec ?? Number.NaN);
    }
  });

  test('is refused to a page whose name was made to point here', async () => {
    const { port } = new URL(url);
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect(Number(port), '127.0.0.1');
    socket.setEncoding('utf8').on('data', resolve);
    socket.write('GET /debug/state HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(await promise).toMatch(/^HTTP\/1\.1 403 /);
    socket.destroy();
  });
});

const cgroupsOf = ({ pods }: DebugState) => pods.flatMap((pod) => [pod, ...pod.containers]);

function expectGrowth(counters: readonly CounterPoint[]): void {
  for (const [index, { at, cpuUsageUsec = Number.NaN }] of counters.entries()) {
    const before = counters[index - 1];
    if (before === undefined) continue;
    expect(Date.parse(at)).toBeGreaterThan(Date.parse(before.at));
    expect(cpuUsageUsec).toBeGreaterThanOrEqual(before.cpuUsageUsec ?? Number.NaN);
  }
}
