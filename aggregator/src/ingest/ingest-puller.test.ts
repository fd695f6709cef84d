import type { AggregatorMessage, NodeToPull } from '@tacho/proto';
import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { keptLog } from '../fixture-log.ts';
import { rendezvousShares } from '../pulling/rendezvous-shares.ts';
import type { FixtureAgent } from './fixture-agent.ts';
import { directive, listen } from './fixture-ingest.ts';
import type { PullerTry } from './puller-stream.ts';
import { PullerStreams } from './puller-streams.ts';
import { Refusals } from './refusals.ts';

const nodes: NodeToPull[] = ['n1', 'n2', 'n3', 'n4'].map((name) => ({ name, addresses: [] }));
/** A listener where tokens `p/<pod>` are pullers', with four nodes to pull. */
async function pulling() {
  const tries: [puller: string, tried: PullerTry][] = [];
  const clock = { aheadMs: 0 };
  const decision = { isMade: true };
  const pullers = new PullerStreams({
    ...{ log: keptLog().log, wallMs: () => Date.now(), directive: () => directive },
    refusals: new Refusals(keptLog().log, () => 0),
    monotonicMs: () => performance.now() + clock.aheadMs,
    share: (names) => (decision.isMade ? rendezvousShares(nodes, names) : undefined),
    accept: (...tried) => tries.push(tried),
  });
  const ingest = await listen({}, { pullers });
  return { ...ingest, pullers, tries, clock, decision };
}

const toldTo = ({ received }: FixtureAgent) =>
  received
    .findLast(({ nodesToPull }: AggregatorMessage) => nodesToPull)
    ?.nodesToPull?.nodes?.map(({ name }) => name);

test('a puller’s token opens a puller’s stream: directive, echo, its nodes; an agent’s does not', async () => {
  await using ingest = await pulling();
  using puller = ingest.agent('p/p1');
  await eventually(() => expect(toldTo(puller)).toEqual(['n1', 'n2', 'n3', 'n4']));
  expect(puller.received.map((message) => Object.keys(message)[0])).toEqual([
    'directive',
    'echo',
    'nodesToPull',
  ]);
  puller.say({ echoReply: { nonce: 1, monotonicUsec: 5_000_000 } });
  puller.say({ pulledNode: { nodeName: 'n2', report: { sampleMonotonicUsec: 4_000_000, pods: [] } } });
  await eventually(() => expect(ingest.tries).toMatchObject([['p1', { node: 'n2', report: { pods: [] } }]]));
  using agent = ingest.agent('n5');
  agent.say({ pulledNode: { nodeName: 'n2' } });
  agent.say({ pullerHello: { pullerName: 'p1', pullerVersion: '' } });
  await eventually(() => expect(ingest.counts()).toEqual({ 'agent says what only pullers say': 2 }));
  expect(agent.received.some(({ nodesToPull }) => nodesToPull)).toBe(false);
  expect(ingest.tries).toHaveLength(1);
});

test('without pullers their account is somebody else’s', async () => {
  await using ingest = await listen();
  using puller = ingest.agent('p/p1');
  expect(await puller.ended).toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(ingest.counts()).toEqual({ 'agent with the identity of somebody else': 1 });
});

test('two pullers share the nodes; those of one that is gone move after a period, within two', async () => {
  await using ingest = await pulling();
  using first = ingest.agent('p/p1');
  await eventually(() => expect(toldTo(first)).toHaveLength(4));
  const second = ingest.agent('p/p2');
  await eventually(() => expect(toldTo(second)?.length).toBeGreaterThan(0));
  await eventually(() => {
    expect([...(toldTo(first) ?? []), ...(toldTo(second) ?? [])].sort()).toEqual(['n1', 'n2', 'n3', 'n4']);
  });
  second.hangUp();
  await eventually(() => expect(ingest.pullers.all()).toHaveLength(1));
  ingest.clock.aheadMs += 2_000;
  ingest.pullers.look();
  expect(toldTo(first)?.length).toBeLessThan(4);
  ingest.clock.aheadMs += 3_000;
  // Heard lately all the same.
  first.say({ echoReply: { nonce: 1, monotonicUsec: 1 } });
  await eventually(() => {
    ingest.pullers.look();
    expect(toldTo(first)).toHaveLength(4);
  });
  second[Symbol.dispose]();
});

test('a second stream of the same puller takes over, with its nodes', async () => {
  await using ingest = await pulling();
  using first = ingest.agent('p/p1');
  await eventually(() => expect(toldTo(first)).toHaveLength(4));
  using second = ingest.agent('p/p1');
  expect(await first.ended).toMatchObject({ code: 'ABORTED' });
  await eventually(() => expect(toldTo(second)).toHaveLength(4));
  expect(ingest.pullers.all()).toHaveLength(1);
});

test('a puller is told of no nodes, not even of none, before it is known which they are', async () => {
  await using ingest = await pulling();
  ingest.decision.isMade = false;
  using puller = ingest.agent('p/p1');
  await puller.greeted;
  puller.say({ pullerHello: { pullerName: 'p2', pullerVersion: '' } });
  await eventually(() => expect(ingest.pullers.all()[0]?.talk.facts().version).toBe(''));
  ingest.pullers.look();
  ingest.decision.isMade = true;
  ingest.pullers.look();
  await eventually(() => expect(toldTo(puller)).toHaveLength(4));
  expect(puller.received.filter(({ nodesToPull }) => nodesToPull)).toHaveLength(1);
});
