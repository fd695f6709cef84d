import { expect, test } from 'vitest';
import { directive, epochMs, pullerStream } from './fixture-puller-stream.ts';

/** One that was greeted, has answered its echo and is asked for n1 and n2. */
function open() {
  const puller = pullerStream();
  puller.stream.open(directive);
  puller.echo(100);
  puller.ask('n1', 'n2');
  return puller;
}

test('PullerStream says directive and echo first, then the nodes, and these again only when they are others', () => {
  const { stream, sent, ask } = pullerStream();
  stream.open(directive);
  const n1 = { name: 'n1', addresses: [{ type: 'InternalIP', address: '10.0.0.1' }], kubeletPort: 10250 };
  stream.ask([n1]);
  stream.ask([n1]);
  expect(sent).toEqual([{ directive }, { echo: { nonce: 1 } }, { nodesToPull: { nodes: [n1] } }]);
  ask();
  expect(sent.at(-1)).toEqual({ nodesToPull: { nodes: [] } });
});

test('PullerStream dates what a kubelet has sampled long before by the puller’s clock, as echoes tell it', () => {
  const { pull, tries, clock } = open();
  clock.ms = 60_000;
  pull('n1', 43_000);
  expect(tries).toMatchObject([{ node: 'n1', report: { pods: [] }, sampledAtMs: epochMs + 43_000 }]);
});

test('PullerStream takes nothing for younger than its arrival, nor any report before the clock is known', () => {
  const { stream, pull, tries, clock, ask, echo, counts } = pullerStream();
  stream.open(directive);
  ask('n1');
  pull('n1', 9_000);
  expect(tries).toEqual([]);
  expect(counts()).toEqual({ 'pulled report before the clock of its puller is known': 1 });
  echo();
  pull('n1', clock.ms + 500);
  expect(tries.at(-1)?.sampledAtMs).toBe(epochMs + clock.ms);
});

test('PullerStream hears of nodes that it has asked for only; of one that it has asked for a moment ago benignly', () => {
  const { ask, pull, tries, clock, counts, refused } = open();
  pull('n3', clock.ms);
  ask('n2');
  pull('n1', clock.ms);
  expect(counts()).toEqual({
    'pulled node that the puller was not asked for': 1,
    'pulled node that the puller is asked for no more': 1,
  });
  clock.ms += 60_000;
  pull('n1', clock.ms);
  expect(counts()).toMatchObject({ 'pulled node that the puller was not asked for': 2 });
  expect(tries).toEqual([]);
  // Nothing is kept under a name that a puller has made up.
  expect(refused('n3')).toEqual([]);
});

test('PullerStream takes a report again that is of the same instant, and none of an earlier one', () => {
  const { pull, tries, clock, counts } = open();
  clock.ms = 30_000;
  for (const sampledMs of [20_000, 20_000, 19_000]) pull('n1', sampledMs);
  pull('n2', 10_000);
  // What is refused is no try that has brought nothing new: the node’s values are not served on for it.
  expect(tries.map(({ node, report }) => [node, report !== undefined])).toEqual([
    ['n1', true],
    ['n1', true],
    ['n2', true],
  ]);
  expect(counts()).toEqual({ 'report of an instant that was reported before': 1 });
});

test('PullerStream hands on a problem with a report, without one, and a try that has brought nothing new', () => {
  const { pull, tries } = open();
  const problem = { reason: 'hung', message: 'did not answer' };
  pull('n1', 9_000, problem);
  pull('n1', undefined, problem);
  pull('n1');
  expect(tries).toMatchObject([
    { report: {}, problem },
    { report: undefined, problem },
    { report: undefined, problem: undefined },
  ]);
});

test('PullerStream hears of each node once a second, whatever the agents’ period is; the others are not concerned', () => {
  const { pull, tries, counts, clock } = open();
  for (let count = 0; count < 12; count += 1) pull('n1', clock.ms);
  pull('n2', clock.ms);
  expect(tries).toHaveLength(11);
  expect(counts()).toEqual({ 'report earlier than agreed': 2 });
  for (let second = 0; second < 20; second += 1) {
    clock.ms += 1_000;
    pull('n1', clock.ms);
  }
  expect(tries).toHaveLength(31);
});

test('PullerStream refuses what only agents say, and a name that is not the pod’s', () => {
  const { say, counts, flow } = open();
  say({ hello: { nodeName: 'n1', agentVersion: '', cgroupMode: 'v2' } });
  say({ report: { sampleMonotonicUsec: 1, pods: [] } });
  say({ pullerHello: { pullerName: 'p2', pullerVersion: 'v'.repeat(100) } });
  say({ pullerHello: { pullerName: 'p1', pullerVersion: '' } });
  expect(counts()).toEqual({
    'puller says what only agents say': 2,
    'puller greets with a name that is not its pod': 1,
    'puller greets twice': 1,
  });
  expect(flow.greeted).toEqual(['v'.repeat(64)]);
});

test('PullerStream notes which CAs the puller trusts', () => {
  const { say, stream } = open();
  say({ pullerHello: { pullerName: 'p1', pullerVersion: '', trustedCaSha256: [new Uint8Array(32)] } });
  expect(stream.trusts('00'.repeat(32))).toBe(true);
  say({ trustedCas: { sha256: [] } });
  expect(stream.trusts('00'.repeat(32))).toBe(false);
});

test('PullerStream reads one message in a turn, in their order, and stops listening while 16 wait', () => {
  const { stream, flow, tries, hear } = open();
  for (let count = 0; count < 16; count += 1) {
    hear({ pulledNode: { nodeName: count % 2 === 0 ? 'n1' : 'n2' } });
  }
  expect(flow.listens).toEqual([false]);
  stream.serve();
  expect(flow.listens).toEqual([false, true]);
  for (let turn = 0; turn < 20; turn += 1) stream.serve();
  expect(tries.map(({ node }) => node)).toEqual(Array.from({ length: 8 }, () => ['n1', 'n2']).flat());
});

test('PullerStream ends with the third malformed message', () => {
  const { stream, flow } = open();
  for (let count = 0; count < 3; count += 1) {
    stream.receive(Buffer.from([0x32, 0xff]));
    stream.serve();
  }
  expect(flow.ended).toEqual(['more than 2 malformed messages']);
});

test('PullerStream asks a silent puller for a sign of life, once, and gives it a period and a half', () => {
  const { stream, clock, sent, echo } = open();
  clock.ms += 2_500;
  const before = sent.length;
  expect([stream.look(), stream.look()]).toEqual([true, true]);
  expect(sent.length).toBe(before + 1);
  clock.ms += 4_999;
  expect(stream.look()).toBe(true);
  clock.ms += 1;
  expect(stream.look()).toBe(false);
  echo();
  expect(stream.look()).toBe(true);
});
