import { expect, test } from 'vitest';
import { PushSchedule } from './push-schedule.ts';

const schedule = (): PushSchedule => {
  const made = new PushSchedule(4);
  made.begin(1_000, 400);
  return made;
};

test('PushSchedule.due() gives each agent its turn once in a period, evenly spread', () => {
  const made = schedule();
  expect([999, 1_000, 1_099, 1_250, 1_399].map((usec) => [...made.due(usec)])).toEqual([
    [],
    [0],
    [],
    [1, 2],
    [3],
  ]);
  expect([...made.due(1_400)]).toEqual([0]);
});

test('PushSchedule.due() gives turns that were missed', () => {
  expect([...schedule().due(1_500)]).toEqual([0, 1, 2, 3, 0, 1]);
});

test('PushSchedule.due() gives nobody a turn before a period is known', () => {
  expect([...new PushSchedule(4).due(1e12)]).toEqual([]);
});

test('PushSchedule.next() tells whose turn comes at an instant or later', () => {
  expect(schedule().next(1_401, () => true)).toEqual({ agent: 1, dueUsec: 1_500 });
  expect(schedule().next(1_401, (agent) => agent === 0)).toEqual({ agent: 0, dueUsec: 1_800 });
  expect(() => schedule().next(0, () => false)).toThrow('found none');
});
