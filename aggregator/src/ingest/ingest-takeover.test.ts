import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { directive, listen, report } from './fixture-ingest.ts';

const givesWay = 'agent that gives way to a newer one of its node';
test('IngestServer hears a second stream of a node from its first report on, and the first one until then', async () => {
  await using ingest = await listen();
  using first = ingest.agent('n1');
  await eventually(() => expect(first.received).toHaveLength(2));
  using second = ingest.agent('n1');
  await eventually(() => expect(second.received).toHaveLength(2));
  first.say(report(1));
  await eventually(() => expect(ingest.accepted).toEqual([['n1', 1]]));
  second.say(report(100));
  expect(await first.ended).toEqual({
    code: 'ABORTED',
    details: 'a newer agent of the same node has taken over',
  });
  second.say(report(101));
  await eventually(() =>
    expect(ingest.accepted.slice(1)).toEqual([
      ['n1', 100],
      ['n1', 101],
    ]),
  );
  expect(ingest.counts()).toEqual({ [givesWay]: 1 });
});

test('IngestServer no longer hears a stream from the instant at which another has reported', async () => {
  await using ingest = await listen();
  ingest.told.directive = { ...directive, periodUsec: 1 };
  using first = ingest.agent('n1');
  await eventually(() => expect(first.received).toHaveLength(2));
  let sample = 1;
  const talking = setInterval(() => {
    for (const end = sample + 20; sample < end; sample += 1) first.say(report(sample));
  });
  await eventually(() => expect(ingest.accepted.length).toBeGreaterThan(100));
  using second = ingest.agent('n1');
  second.say(report(0));
  await first.ended;
  clearInterval(talking);
  expect(ingest.accepted.at(-1)).toEqual(['n1', 0]);
});

test('IngestServer lets a new pod’s agent take over, and refuses the old one for as long as the new one lives', async () => {
  await using ingest = await listen();
  ingest.outdated.add('old-uid');
  using old = ingest.agent('n1/old');
  old.say(report(1));
  await eventually(() => expect(ingest.accepted).toHaveLength(1));
  const young = ingest.agent('n1/new');
  young.say(report(2));
  expect(await old.ended).toMatchObject({ code: 'ABORTED' });
  using again = ingest.agent('n1/old');
  again.say(report(3));
  expect(await again.ended).toMatchObject({ code: 'ABORTED' });
  expect(again.received).toEqual([]);
  expect(ingest.counts()).toEqual({ [givesWay]: 2 });
  expect(ingest.accepted).toEqual([
    ['n1', 1],
    ['n1', 2],
  ]);
  young[Symbol.dispose]();
  await ingest.forgotten('n1');
  using back = ingest.agent('n1/old');
  back.say(report(4));
  await eventually(() => expect(ingest.accepted.at(-1)).toEqual(['n1', 4]));
});

test('IngestServer.sendDirective() tells every stream, also one that has not reported, and later ones', async () => {
  await using ingest = await listen();
  using one = ingest.agent('n1');
  using other = ingest.agent('n2');
  await eventually(() => expect([one.received.length, other.received.length]).toEqual([2, 2]));
  using waiting = ingest.agent('n2');
  await eventually(() => expect(waiting.received).toHaveLength(2));
  const peers = ['10.0.0.1:10251', '10.0.0.2:10251'];
  ingest.told.directive = { ...directive, peers };
  ingest.server.sendDirective();
  using late = ingest.agent('n3');
  for (const agent of [one, other, waiting]) {
    await eventually(() => expect(agent.received[2]).toEqual({ directive: { ...directive, peers } }));
  }
  await eventually(() => expect(late.received[0]).toEqual({ directive: { ...directive, peers } }));
});
