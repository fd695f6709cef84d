import { expect, test } from 'vitest';
import { directive, Push, stream } from './fixture-agent-stream.ts';

const report = (sampleMonotonicUsec: number) =>
  Push.requestSerialize({ report: { sampleMonotonicUsec, pods: [] } });
const hello = Push.requestSerialize({ hello: { nodeName: 'n1', agentVersion: '1', cgroupMode: 'v2' } });

test('AgentStream keeps the newest report until its turn, and counts those it has overtaken', () => {
  const { agent, accepted, counts, flow } = stream();
  for (const sample of [1, 2, 3]) agent.receive(report(sample));
  expect(accepted).toEqual([]);
  expect(flow.turns).toBe(3);
  agent.serve();
  agent.serve();
  expect(accepted.map((each) => each.report.sampleMonotonicUsec)).toEqual([3]);
  expect(counts()).toEqual({ 'report overtaken by a newer one': 2 });
});

test('AgentStream loses no other message to the newest report', () => {
  const { agent, say, accepted, greetings, clock, agentUsec, counts, sampledMs } = stream();
  agent.open(directive);
  clock.ms += 800;
  agent.receive(report(agentUsec(10_300)));
  agent.receive(hello);
  agent.receive(Push.requestSerialize({ echoReply: { nonce: 1, monotonicUsec: agentUsec(10_400) } }));
  say({ report: { sampleMonotonicUsec: agentUsec(10_400), pods: [] } });
  expect(greetings).toHaveLength(1);
  expect(accepted).toHaveLength(1);
  expect(sampledMs()).toBeCloseTo(10_400, 3);
  expect(counts()).toEqual({ 'report overtaken by a newer one': 1 });
});

test('AgentStream dates a report by when it came, not by when its turn did', () => {
  const { agent, clock, agentUsec, sampledMs } = stream();
  clock.ms = 15_050;
  agent.receive(report(agentUsec(15_000)));
  clock.ms = 16_000;
  agent.serve();
  expect(sampledMs()).toBeCloseTo(15_050, 3);
});

test('AgentStream does not listen to one who says 16 things in a turn, until its turn has come', () => {
  const { agent, flow } = stream();
  for (let sample = 1; sample < 16; sample += 1) agent.receive(report(sample));
  expect(flow.listens).toEqual([]);
  agent.receive(report(16));
  agent.receive(report(17));
  expect(flow.listens).toEqual([false]);
  agent.serve();
  expect(flow.listens).toEqual([false, true]);
  agent.receive(report(18));
  agent.serve();
  expect(flow.listens).toEqual([false, true]);
});

test.each<[string, Buffer]>([
  ['bytes that are none', Buffer.from('GET / HTTP/1.1')],
  ['a truncated report', report(2 ** 40).subarray(0, 5)],
  ['a truncated greeting', hello.subarray(0, 5)],
  ['two reports', Buffer.concat([report(1), report(2)])],
  ['a report and a greeting', Buffer.concat([report(1), hello])],
  ['a greeting and a report', Buffer.concat([hello, report(1)])],
  [
    'a greeting of more than 16 KiB',
    Push.requestSerialize({ hello: { nodeName: 'x'.repeat(16_384) } as never }),
  ],
])('AgentStream refuses %s as malformed, and ends with the third', (_, message) => {
  const { agent, accepted, counts, flow, greetings } = stream();
  for (let times = 1; times <= 3; times += 1) {
    expect(flow.ended).toEqual([]);
    agent.receive(message);
    agent.serve();
    expect(counts()).toEqual({ 'message that is malformed': times });
  }
  expect(flow.ended).toEqual(['more than 2 malformed messages']);
  expect(accepted).toEqual([]);
  expect(greetings).toEqual([]);
});
