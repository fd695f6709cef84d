import { expect, test } from 'vitest';
import { keptLog } from '../fixture-log.ts';
import { Refusals } from './refusals.ts';

function refusals() {
  const { log, lines } = keptLog();
  const clock = { ms: 0 };
  return { lines, clock, refusals: new Refusals(log, () => clock.ms) };
}

test('Refusals.add() counts every refusal by its reason', () => {
  const { refusals: counted } = refusals();
  counted.add('a', { node: 'n1' });
  counted.add('a', { node: 'n2' });
  counted.add('b', {});
  expect([...counted.counts()]).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});

test('Refusals.add() logs a reason once a minute, with the node and how often it was given', () => {
  const { refusals: counted, lines, clock } = refusals();
  for (let ms = 0; ms <= 120_000; ms += 100) {
    clock.ms = ms;
    counted.add('pod twice in one report', { node: 'n1' });
  }
  expect(lines.map(({ count }) => count)).toEqual([1, 601, 1_201]);
  expect(lines[0]).toMatchObject({ level: 40, node: 'n1', reason: 'pod twice in one report' });
});

test('Refusals.add() does not hide one reason behind another', () => {
  const { refusals: counted, lines } = refusals();
  for (const reason of ['a', 'b', 'a', 'b']) counted.add(reason, { peer: '10.0.0.1:5', why: 'x' });
  expect(lines).toMatchObject([{ reason: 'a', peer: '10.0.0.1:5', why: 'x' }, { reason: 'b' }]);
  expect(lines).toHaveLength(2);
});

test('Refusals.addReport() counts a whole report besides its reason', () => {
  const { refusals: counted } = refusals();
  counted.add('pod twice in one report', { node: 'n1' });
  counted.addReport('report without the instant of its sample', { node: 'n1' });
  expect(counted.reports).toBe(1);
  expect([...counted.counts().values()]).toEqual([1, 1]);
});

test('Refusals.add() keeps a bounded number of reasons, whatever it is given', () => {
  const { refusals: counted } = refusals();
  for (let index = 0; index < 1_000; index += 1) counted.add(`reason ${index}`, {});
  counted.add('reason 0', {});
  expect(counted.counts().size).toBe(65);
  expect([counted.counts().get('other'), counted.counts().get('reason 0')]).toEqual([936, 2]);
});
