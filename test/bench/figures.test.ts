import { expect, test } from 'vitest';
import { figure, mean, percentile } from './figures.ts';

test('percentile() takes the nearest rank', () => {
  const values = [5, 1, 4, 2, 3];
  expect([
    percentile(values, 0),
    percentile(values, 0.5),
    percentile(values, 0.95),
    percentile(values, 1),
  ]).toEqual([1, 3, 5, 5]);
  expect(percentile([], 0.5)).toBeNaN();
});

test('figure() is the median of the runs with its extremes and says whether the goal is met', () => {
  expect(figure([3, 1, 2], 's', { atMost: 2.5 })).toEqual({
    value: 2,
    unit: 's',
    min: 1,
    max: 3,
    goal: '<= 2.5',
    met: true,
  });
  expect(figure([3], 's', { atMost: 2.5 }).met).toBe(false);
  expect(figure([3], 's', { atLeast: 3.5 })).toMatchObject({ goal: '>= 3.5', met: false });
  expect(figure([3], 's')).toMatchObject({ goal: null, met: null });
});

test('figure() does not call a figure that was not measured met', () => {
  expect(figure([Number.NaN], 's', { atMost: 1 }).met).toBe(false);
});

test('mean() is the average', () => expect(mean([1, 2, 6])).toBe(3));
