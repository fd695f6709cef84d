import { expect, test } from 'vitest';
import type { ContainerSignals, Pressure, Signal } from '../../../signals/signal-values.ts';
import { highestPressure, signalLines, throttledPercent } from './signal-words.ts';

const line = (avg10: number) => ({ avg10, avg60: 0, avg300: 0, totalUsec: 0 });
const pressure = (avg10: number): Signal<Pressure> => ({ status: 'ok', value: { some: line(avg10) } });
const missing = { status: 'absent', why: 'needs psi=1' } as const;
const every = new Proxy({} as ContainerSignals, {
  get: (_target, name) => (name === 'recentThrottling' ? undefined : missing),
});

test('throttledPercent() tells no quota from never throttled', () => {
  const recent = { overUsec: 1, periods: 40, throttledPeriods: 10, throttledUsec: 1 };
  expect(throttledPercent(undefined)).toBeUndefined();
  expect(throttledPercent({ ...recent, periods: 0, throttledPeriods: 0 })).toBe(0);
  expect(throttledPercent(recent)).toBe(25);
});

test('highestPressure() takes the highest of those that are known, and nothing for zero where none is', () => {
  const known = { cpuPressure: missing, memoryPressure: pressure(2), ioPressure: pressure(7) };
  expect(highestPressure(known)).toBe(7);
  expect(highestPressure({ ...known, memoryPressure: missing, ioPressure: missing })).toBeUndefined();
  expect(highestPressure(undefined)).toBeUndefined();
});

test('signalLines() says of each signal that is not there why', () => {
  const lines = signalLines(every);
  expect(lines.length).toBeGreaterThan(12);
  expect(lines.every(({ words, why }) => words === '–' && why === 'needs psi=1')).toBe(true);
});
