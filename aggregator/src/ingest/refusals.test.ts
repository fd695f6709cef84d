import { expect, test } from 'vitest';
import { keptLog } from '../fixture-log.ts';
import { Refusals } from './refusals.ts';

function refusals() {
  const { log, lines } = keptLog();
  const clock = { ms: 0 };
  return { lines, clock, refusals: new Refusals(log, () => clock.ms) };
}

const twice = 'pod twice in one report';
const noPods = 'pod without containers';
const forged = 'agent with the identity of somebody else';
const malformed = 'malformed';

test('Refusals.add() counts every refusal by its reason, each of which has a class', () => {
  const { refusals: counted } = refusals();
  counted.add(twice, { node: 'n1' });
  counted.add(twice, { node: 'n2' }, 3);
  counted.add(forged, {});
  expect(counted.counts()).toEqual([
    { reason: twice, class: malformed, count: 4 },
    { reason: forged, class: 'forged', count: 1 },
  ]);
});

test('Refusals.add() logs a reason of a node once a minute, with how often it was given', () => {
  const { refusals: counted, lines, clock } = refusals();
  for (let ms = 0; ms <= 120_000; ms += 100) {
    clock.ms = ms;
    counted.add(twice, { node: 'n1' });
  }
  expect(lines.map(({ count }) => count)).toEqual([1, 601, 1_201]);
  expect(lines[0]).toMatchObject({ level: 40, node: 'n1', reason: twice, class: malformed });
});

test('Refusals.add() hides neither one reason nor one node behind another', () => {
  const { refusals: counted, lines } = refusals();
  for (const reason of [forged, twice, forged, twice] as const) {
    counted.add(reason, { peer: '10.0.0.1:5', why: 'x' });
  }
  expect(lines).toMatchObject([{ reason: forged, peer: '10.0.0.1:5', why: 'x' }, { reason: twice }]);
  counted.add(twice, { node: 'n1' });
  counted.add(twice, { node: 'n2' });
  expect(lines.slice(2)).toMatchObject([{ node: 'n1' }, { node: 'n2' }]);
});

test('Refusals.add() names at most eight nodes a minute for one reason', () => {
  const { refusals: counted, lines, clock } = refusals();
  for (let index = 0; index < 1_000; index += 1) counted.add(twice, { node: `n${index}` });
  expect(lines).toHaveLength(8);
  clock.ms = 60_000;
  counted.add(twice, { node: 'n0' });
  expect(lines.at(-1)).toMatchObject({ node: 'n0', count: 1_001 });
});

test('Refusals.add() logs what is benign at debug only', () => {
  const { refusals: counted, lines } = refusals();
  counted.add('pod that the watch does not know', { node: 'n1' });
  expect(lines).toMatchObject([{ level: 20, class: 'benign', node: 'n1' }]);
});

test('Refusals.addReport() counts a whole report besides its reason', () => {
  const { refusals: counted } = refusals();
  counted.add(noPods, { node: 'n1' });
  counted.addReport('report without the instant of its sample', { node: 'n1' });
  expect(counted.reports).toBe(1);
  expect(counted.counts().map(({ count }) => count)).toEqual([1, 1]);
});

test('Refusals.ofNode() tells what was refused of one node and when last, until the node is forgotten', () => {
  const { refusals: counted, clock } = refusals();
  counted.add(twice, { node: 'n1' }, 2);
  counted.add(twice, { node: 'n2' });
  clock.ms = 5;
  counted.add(twice, { node: 'n1' });
  expect(counted.ofNode('n1')).toEqual([{ reason: twice, class: malformed, count: 3, lastMs: 5 }]);
  expect(counted.ofNode('n3')).toEqual([]);
  counted.forgetNodes((node) => node === 'n2');
  expect([counted.ofNode('n1').length, counted.ofNode('n2').length]).toEqual([0, 1]);
  expect(counted.counts()).toMatchObject([{ count: 4 }]);
});
