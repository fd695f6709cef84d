import { expect, test } from 'vitest';
import type { ContainerState, DebugState } from '../../debug-state.ts';
import { withKeptSignals } from './kept-signals.ts';

const signals = { readAt: 'then' } as NonNullable<ContainerState['signals']>;
const newer = { readAt: 'now' } as NonNullable<ContainerState['signals']>;

function state(containerId: string, of: ContainerState['signals']): DebugState {
  const shown = of === undefined ? {} : { signals: of };
  const usage = { counters: [] };
  return {
    time: '',
    agentVersion: '',
    periodUsec: 1,
    windowUsec: 1,
    replicas: [],
    node: { name: 'n', cgroupMode: 'v2', ...usage },
    unnamed: [],
    notReported: [],
    pods: [
      {
        ...{ namespace: 'a', name: 'b', uid: 'u', cgroupPath: 'p', ...usage },
        containers: [
          {
            ...{ name: 'c', containerId, cgroupPath: 'p/c', restartCount: 0, startedAt: '', ...usage },
            ...shown,
          },
        ],
      },
    ],
  };
}
const signalsOf = (shown: DebugState) => shown.pods[0]?.containers[0]?.signals;

test('withKeptSignals() keeps what an event left out, and takes what is newer', () => {
  const before = state('1', signals);
  expect(signalsOf(withKeptSignals(state('1', undefined), before))).toBe(signals);
  expect(signalsOf(withKeptSignals(state('1', newer), before))).toBe(newer);
  expect(signalsOf(withKeptSignals(state('1', undefined), undefined))).toBeUndefined();
});

test('withKeptSignals() does not give a restarted container those of the one before', () => {
  expect(signalsOf(withKeptSignals(state('2', undefined), state('1', signals)))).toBeUndefined();
});
