import { expect, it } from 'vitest';
import { isAlive, parseProcessStat, readProcessStat } from './process-identity.ts';

const fields = (state: string, startTicks: string) =>
  [state, ...Array.from({ length: 18 }, (_, index) => `${index}`), startTicks, '0', '0'].join(' ');

it('parseProcessStat() reads number, state and start, whatever the name of the process', () => {
  for (const name of ['sh', 'a b', 'a) R 1 (b', 'x\n) S'])
    expect(parseProcessStat(`12 (${name}) ${fields('S', '4711')}\n`)).toEqual({
      pid: 12,
      startTicks: '4711',
      state: 'S',
    });
});

it('parseProcessStat() refuses what is cut off', () => {
  for (const line of ['', '12', '12 (sh', '12 (sh) S 1 2', `12 (sh) ${fields('S', 'x')}`])
    expect(parseProcessStat(line)).toBeUndefined();
});

it('isAlive() tells a process from another one that got its number', () => {
  const self = readProcessStat(process.pid) ?? expect.fail('this process has no /proc/<pid>/stat');
  expect(isAlive(self)).toBe(true);
  expect(isAlive({ ...self, startTicks: '1' })).toBe(false);
});
