import type { AgentMessage } from '@tacho/proto';
import { expect, test } from 'vitest';
import { directive, stream } from './fixture-agent-stream.ts';

test('AgentStream.open() sends the directive, then an echo', () => {
  const { agent, sent } = stream();
  agent.open(directive);
  expect(sent).toEqual([{ directive }, { echo: { nonce: 1 } }]);
});

test('AgentStream hands a report on for its own node, whatever node the report is about', () => {
  const { say, accepted } = stream();
  const usage = { cpuNanocores: 0, memoryWorkingSetBytes: 0, windowUsec: 1 };
  say({ report: { sampleMonotonicUsec: 1, node: usage, pods: [] } });
  const node = { ...usage, swapBytes: undefined };
  expect(accepted).toMatchObject([{ node: 'n1', report: { sampleMonotonicUsec: 1, node, pods: [] } }]);
});

test('AgentStream.trusts() the CAs that the agent said last, none of what is malformed', () => {
  const { agent, say, counts } = stream();
  const [old, next] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const trusts = () => [old, next].map((ca) => agent.trusts(ca.toString('hex')));
  expect(trusts()).toEqual([false, false]);
  say({ hello: { nodeName: 'n1', agentVersion: '', cgroupMode: '', trustedCaSha256: [old] } });
  expect(trusts()).toEqual([true, false]);
  say({ trustedCas: { sha256: [old, next] } });
  expect(trusts()).toEqual([true, true]);
  say({ trustedCas: { sha256: [Buffer.alloc(31)] } });
  expect(trusts()).toEqual([false, false]);
  expect(counts()).toEqual({ 'trusted CAs in a form that was not agreed': 1 });
});

test('AgentStream counts a report it cannot use, and each part that it leaves out, and goes on', () => {
  const { say, accepted, counts } = stream();
  say({ report: { pods: [] } as never });
  const noName = { namespace: 'default', name: '', uid: 'u', containers: [] };
  say({ report: { sampleMonotonicUsec: 1, pods: [noName, noName] } });
  expect(accepted).toHaveLength(1);
  expect(counts()).toEqual({
    'report without the instant of its sample': 1,
    'pod without namespace, name or UID': 2,
  });
});

test('AgentStream counts a greeting under another name than its node’s, and nothing for its own', () => {
  const { say, counts } = stream();
  say({ hello: { nodeName: 'n1', agentVersion: '', cgroupMode: 'v2' } });
  expect(counts()).toEqual({});
  const other = stream();
  other.say({ hello: { nodeName: 'n2', agentVersion: '', cgroupMode: 'v2' } });
  expect(other.counts()).toEqual({ 'agent greets with a name that is not its node': 1 });
});

test('AgentStream tells once what the agent says of itself, at most 64 characters of each', () => {
  const { say, counts, greetings } = stream();
  say({ hello: { nodeName: 'n1', agentVersion: '1'.repeat(1_000) } as never });
  say({ hello: { nodeName: 'n1', agentVersion: '2', cgroupMode: 'v1' } });
  expect(greetings).toEqual([{ agentVersion: '1'.repeat(64), cgroupMode: '' }]);
  expect(counts()).toEqual({ 'agent greets twice': 1 });
});

test.each<[string, AgentMessage['echoReply']]>([
  ['another nonce', { nonce: 2, monotonicUsec: 1 }],
  ['no clock', { nonce: 1 } as never],
  ['a clock that is no count', { nonce: 1, monotonicUsec: -1 }],
  ['no nonce', { monotonicUsec: 1 } as never],
])('AgentStream counts an echo with %s and learns nothing from it', (_, echoReply) => {
  const agent = stream();
  agent.agent.open(directive);
  agent.say({ echoReply } as AgentMessage);
  expect(agent.counts()).toEqual({ 'echo that was not asked for': 1 });
  agent.report(15_000, 15_050);
  expect(agent.sampledMs()).toBeCloseTo(15_050, 3);
});

test('AgentStream counts an echo that nobody asked for, and one that is answered twice', () => {
  const { agent, say, counts } = stream();
  const echoReply = { nonce: 1, monotonicUsec: 1 };
  say({ echoReply });
  agent.open(directive);
  say({ echoReply });
  say({ echoReply });
  expect(counts()).toEqual({ 'echo that was not asked for': 2 });
});

test('AgentStream counts a message of no kind that it knows', () => {
  const { say, counts } = stream();
  say({});
  expect(counts()).toEqual({ 'message of an unknown kind': 1 });
});
