import { expect, test } from 'vitest';
import { PulledNodes } from './pulled-nodes.ts';
import { WantedNodes } from './wanted-nodes.ts';

const report = (sampleMonotonicUsec: number) => ({ sampleMonotonicUsec, pods: [] });
const problem = { reason: 'hung', message: 'no answer' };
const ask = (...names: readonly string[]) => ({ nodes: names.map((name) => ({ name, addresses: [] })) });

function told(monotonicUsec = () => 0) {
  const nodes = new PulledNodes(monotonicUsec);
  const outboxes = ['one', 'other'].map((address) => nodes.outbox(address));
  /** All that the replica is told now. */
  const next = (index = 0) => {
    const all = [];
    for (let at = outboxes[index]?.next(); at !== undefined; at = outboxes[index]?.next())
      all.push(at.pulledNode);
    return all;
  };
  return { nodes, next, begin: (index = 0) => outboxes[index]?.begin() };
}

test('PulledNodes tells each replica of the nodes that it asked for, and of no others', () => {
  const { nodes, next } = told();
  nodes.ask('one', ask('a', 'b'));
  nodes.ask('other', ask('b'));
  nodes.put({ nodeName: 'a', report: report(1) });
  nodes.put({ nodeName: 'b', problem });
  nodes.put({ nodeName: 'c', report: report(2) });
  expect(next(0)).toEqual([
    { nodeName: 'a', report: report(1) },
    { nodeName: 'b', problem },
  ]);
  expect(next(1)).toEqual([{ nodeName: 'b', problem }]);
  nodes.ask('other', ask());
  nodes.put({ nodeName: 'b', report: report(3) });
  expect(next(1)).toEqual([]);
  nodes.ask('other', ask('a'));
  expect(next(1)).toEqual([{ nodeName: 'a', report: report(1) }]);
});

test('PulledNodes tells a replica that was told all so far only what is new, and the others the last report with it', () => {
  const { nodes, next } = told();
  for (const address of ['one', 'other']) nodes.ask(address, ask('a'));
  nodes.put({ nodeName: 'a', report: report(1) });
  expect(next(0)).toEqual([{ nodeName: 'a', report: report(1) }]);
  nodes.put({ nodeName: 'a', problem });
  expect(next(0)).toEqual([{ nodeName: 'a', problem }]);
  expect(next(1)).toEqual([{ nodeName: 'a', report: report(1), problem }]);
  nodes.put({ nodeName: 'a' });
  expect([next(0), next(1)]).toEqual([[{ nodeName: 'a' }], [{ nodeName: 'a' }]]);
});

test('PulledNodes says nothing on a new stream until it is asked, then all there is', () => {
  const { nodes, next, begin } = told();
  nodes.ask('one', ask('a'));
  nodes.put({ nodeName: 'a', report: report(1) });
  next();
  begin();
  nodes.put({ nodeName: 'a', problem });
  expect(next()).toEqual([]);
  nodes.ask('one', ask('a'));
  expect(next()).toEqual([{ nodeName: 'a', report: report(1), problem }]);
});

test('PulledNodes tells nobody who has not had it a report of more than a minute ago', () => {
  let nowUsec = 1;
  const { nodes, next, begin } = told(() => nowUsec);
  nodes.put({ nodeName: 'a', report: report(1) });
  nodes.put({ nodeName: 'a', problem });
  for (const [usec, expected] of [
    [60_000_001, { nodeName: 'a', report: report(1), problem }],
    [60_000_002, { nodeName: 'a', problem }],
  ] as const) {
    nowUsec = usec;
    begin();
    nodes.ask('one', ask('a'));
    expect(next()).toEqual([expected]);
  }
});

test('PulledNodes says nothing of a node that was forgotten', () => {
  const { nodes, next } = told();
  nodes.ask('one', ask('a'));
  nodes.put({ nodeName: 'a', report: report(1) });
  nodes.forget('a');
  expect(next()).toEqual([]);
});

test('PulledNodes says nothing to replicas that are not kept, and goes on with the others', () => {
  const { nodes, next } = told();
  for (const address of ['one', 'other']) nodes.ask(address, ask('a'));
  nodes.keepReplicas(new Set(['other']));
  nodes.put({ nodeName: 'a', report: report(1) });
  expect([next(0), next(1)]).toEqual([[], [{ nodeName: 'a', report: report(1) }]]);
});

test('WantedNodes.all() is what replicas ask for, and for a minute what those have asked for that have gone', () => {
  const wanted = new WantedNodes();
  wanted.ask('one', ask('a', 'b'), 0);
  wanted.ask('other', ask('b', 'c'), 0);
  const names = (nowUsec: number, ...streams: readonly (readonly [string, boolean])[]) =>
    [
      ...wanted
        .all(
          streams.map(([address, connected]) => ({ address, connected })),
          nowUsec,
        )
        .keys(),
    ].sort();
  expect(names(9e9, ['one', true], ['other', true])).toEqual(['a', 'b', 'c']);
  // Of a replica that is made anew at another address nobody tells any more.
  expect(names(9e9 + 60e6, ['one', true])).toEqual(['a', 'b', 'c']);
  expect(names(9e9 + 60e6, ['one', true], ['other', false])).toEqual(['a', 'b', 'c']);
  expect(names(9e9 + 60e6 + 1, ['one', true], ['other', false])).toEqual(['a', 'b']);
  expect(names(9e9 + 120e6 + 1)).toEqual(['a', 'b']);
  expect(names(9e9 + 120e6 + 2)).toEqual([]);
});
