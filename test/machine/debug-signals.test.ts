import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ContainerState, DebugState } from '../../agent/src/debug/debug-state.ts';
import { freePort } from '../free-port.ts';
import { until } from '../kernel/checks/until.ts';
import { startOneMachine } from '../one-machine/one-machine.ts';
import { demoPods } from '../stand-ins/kubelet/pod-spec.ts';
import { cgroupRefusal } from './cgroup-rights.ts';

const refusal = await cgroupRefusal('debug-signals.test.ts');
const DEADLINE_MS = 60_000;

test.skipIf(refusal !== undefined)(
  '/debug/state shows limits, throttling and pressure of a running agent, each with a value or a reason, once somebody has looked',
  async () => {
    const port = await freePort();
    const failures: string[] = [];
    const machine = await startOneMachine({
      pods: demoPods(3600).filter(({ name }) => name === 'cpu-quota' || name === 'idle'),
      metricResolution: '1s',
      agentArgs: [`--debug-port=${port}`],
      onFailure: (what) => failures.push(what),
    });
    const state = async () =>
      (await (await fetch(`http://localhost:${port}/debug/state`)).json()) as DebugState;
    const containerOf = ({ pods }: DebugState, pod: string): ContainerState | undefined =>
      pods.find(({ name }) => name === pod)?.containers[0];
    try {
      await machine.agent.logged('stream to aggregator is open');
      let seen = await state();
      const throttled = ({ signals }: Partial<ContainerState> = {}) =>
        signals?.throttling.status === 'ok' && signals.throttling.value.throttledPeriods > 0;
      await until(
        'throttling of the container with a quota',
        async () => {
          seen = await state();
          const hasIdle = containerOf(seen, 'idle')?.signals !== undefined;
          return throttled(containerOf(seen, 'cpu-quota')) && hasIdle && seen.node.signals !== undefined;
        },
        DEADLINE_MS,
      );
      const quota = containerOf(seen, 'cpu-quota')?.signals;
      expect(quota?.cpuLimit).toMatchObject({ status: 'ok', value: { cores: 0.25 } });
      expect(quota?.throttlingCgroupPath).toBe(containerOf(seen, 'cpu-quota')?.cgroupPath);
      expect(containerOf(seen, 'idle')?.signals?.oomKills).toEqual({ status: 'ok', value: 0 });
      expect(Date.parse(quota?.readAt ?? '')).toBeLessThanOrEqual(Date.parse(seen.time));
      expect(seen.node.signals?.cpuPressure.status).toBe(existsSync('/proc/pressure/cpu') ? 'ok' : 'absent');
      for (const each of [quota, seen.pods[0]?.signals, seen.node.signals]) {
        const signals = Object.values(each ?? {}).filter(
          (value) => typeof value === 'object' && 'status' in value,
        );
        expect(signals.length).toBeGreaterThan(10);
        for (const signal of signals) expect('value' in signal || signal.why.length > 15).toBe(true);
      }
      expect(failures).toEqual([]);
    } finally {
      await machine.close();
    }
  },
);
