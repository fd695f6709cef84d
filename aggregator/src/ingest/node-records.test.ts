import { expect, test } from 'vitest';
import type { StreamFacts } from './agent-stream.ts';
import { NodeRecords } from './node-records.ts';

const silent: StreamFacts = {
  ...{ greeting: undefined, lastReport: undefined, offsetMs: undefined, roundTripMs: undefined },
};
const talking = { ...silent, lastReport: { arrivedMs: 2, sampledMs: 1, periodMs: undefined } };

test('NodeRecords keeps what was last reported, not that a later stream never did', () => {
  const records = new NodeRecords();
  records.ended('n1', silent, 5);
  records.ended('n1', talking, 10);
  records.ended('n1', silent, 20);
  expect(records.lastOf('n1')).toEqual({ facts: talking, endedMs: 10 });
  expect(records.lastOf('n2')).toBeUndefined();
});

test('NodeRecords gives a node’s streams one pace, until the node is forgotten', () => {
  const records = new NodeRecords();
  const [one, two] = [records.paceOf('n1'), records.paceOf('n2')];
  records.ended('n1', talking, 10);
  expect(records.paceOf('n1')).toBe(one);
  records.forgetNodes((node) => node === 'n2');
  expect(records.paceOf('n1')).not.toBe(one);
  expect([records.paceOf('n2') === two, records.lastOf('n1')]).toEqual([true, undefined]);
});
