import type { AgentMessage, AggregatorMessage } from '@tacho/proto';
import { expect, test } from 'vitest';
import { keptLog } from '../fixture-log.ts';
import type { CheckedReport } from '../snapshot/checked-report.ts';
import { AgentStream } from './agent-stream.ts';
import { Refusals } from './refusals.ts';

const directive = { periodUsec: 5_000_000, windowUsec: 10_000_000, peers: [] };
const epochMs = Date.UTC(2026, 0, 1);
/** The agent's monotonic clock began three hours before this process's. */
const aheadMs = 3 * 3600_000;

/** A stream of n1, with a clock, what it sent and what it accepted. */
function stream() {
  const clock = { ms: 10_000, wallStepMs: 0 };
  const sent: AggregatorMessage[] = [];
  const greetings: { agentVersion: string; cgroupMode: string }[] = [];
  const accepted: { node: string; report: CheckedReport; sampledAtMs: number }[] = [];
  const refusals = new Refusals(keptLog().log, () => clock.ms);
  const agent = new AgentStream('n1', {
    send: (message) => sent.push(message),
    accept: (node, report, sampledAtMs) => accepted.push({ node, report, sampledAtMs }),
    greeted: (greeting) => greetings.push(greeting),
    refusals,
    monotonicMs: () => clock.ms,
    wallMs: () => epochMs + clock.ms + clock.wallStepMs,
  });
  /** The agent's clock in microseconds at an instant of this process's. */
  const agentUsec = (ms: number) => (ms + aheadMs) * 1000;
  return {
    ...{ agent, clock, sent, accepted, agentUsec, greetings },
    counts: () => Object.fromEntries(refusals.counts()),
    echoes: () => sent.flatMap(({ echo }) => (echo === undefined ? [] : [echo.nonce])),
    /** A report of a sample taken at one instant that arrives at another. */
    report(sampledMs: number, arrivedMs: number) {
      clock.ms = arrivedMs;
      agent.receive({ report: { sampleMonotonicUsec: agentUsec(sampledMs), pods: [] } });
    },
    /** When the last report was sampled, on this process's clock. */
    sampledMs: () => (accepted.at(-1)?.sampledAtMs ?? Number.NaN) - epochMs,
  };
}

test('AgentStream.open() sends the directive, then an echo', () => {
  const { agent, sent } = stream();
  agent.open(directive);
  expect(sent).toEqual([{ directive }, { echo: { nonce: 1 } }]);
});

test('AgentStream hands a report on for its own node, whatever node the report is about', () => {
  const { agent, accepted } = stream();
  const usage = { cpuNanocores: 0, memoryWorkingSetBytes: 0, windowUsec: 1 };
  agent.receive({ report: { sampleMonotonicUsec: 1, node: usage, pods: [] } });
  const node = { ...usage, swapBytes: undefined };
  expect(accepted).toMatchObject([{ node: 'n1', report: { sampleMonotonicUsec: 1, node, pods: [] } }]);
});

test('AgentStream gives a sample its true instant through a way with delay and a clock hours off', () => {
  const agent = stream();
  agent.agent.open(directive);
  // 400 ms each direction.
  agent.clock.ms += 800;
  agent.agent.receive({ echoReply: { nonce: 1, monotonicUsec: agent.agentUsec(10_400) } });
  agent.report(15_000, 15_400);
  expect(agent.sampledMs()).toBeCloseTo(15_000, 3);
  agent.report(20_000, 23_000); // one that was held up
  expect(agent.sampledMs()).toBeCloseTo(20_000, 3);
});

test('AgentStream takes the shortest way for the delay until an echo has come back', () => {
  const agent = stream();
  agent.report(15_000, 15_050);
  expect(agent.sampledMs()).toBeCloseTo(15_050, 3);
  agent.report(20_000, 20_010);
  expect(agent.sampledMs()).toBeCloseTo(20_010, 3);
});

test('AgentStream keeps ages right when this machine’s wall clock is set', () => {
  const agent = stream();
  agent.report(15_000, 15_000);
  agent.clock.wallStepMs = -3600_000;
  agent.report(20_000, 22_000);
  expect(agent.sampledMs()).toBeCloseTo(20_000 - 3600_000, 3);
});

test('AgentStream never dates a sample in the future, whatever the agent’s clock says', () => {
  const agent = stream();
  for (const sampledMs of [1_000, 9_000_000_000, 500, 8_000_000_000_000]) {
    agent.report(sampledMs, 20_000);
    expect(agent.sampledMs()).toBeLessThanOrEqual(20_000);
  }
});

test('AgentStream counts a report it cannot use, and each part that it leaves out, and goes on', () => {
  const { agent, accepted, counts } = stream();
  agent.receive({ report: { pods: [] } as never });
  const noName = { namespace: 'default', name: '', uid: 'u', containers: [] };
  agent.receive({ report: { sampleMonotonicUsec: 1, pods: [noName, noName] } });
  expect(accepted).toHaveLength(1);
  expect(counts()).toEqual({
    'report without the instant of its sample': 1,
    'pod without namespace, name or UID': 2,
  });
});

test('AgentStream counts a greeting under another name than its node’s, and nothing for its own', () => {
  const { agent, counts } = stream();
  agent.receive({ hello: { nodeName: 'n1', agentVersion: '', cgroupMode: 'v2' } });
  expect(counts()).toEqual({});
  const other = stream();
  other.agent.receive({ hello: { nodeName: 'n2', agentVersion: '', cgroupMode: 'v2' } });
  expect(other.counts()).toEqual({ 'agent greets with a name that is not its node': 1 });
});

test('AgentStream tells once what the agent says of itself, at most 64 characters of each', () => {
  const { agent, counts, greetings } = stream();
  agent.receive({ hello: { nodeName: 'n1', agentVersion: '1'.repeat(1e6), cgroupMode: null as never } });
  agent.receive({ hello: { nodeName: 'n1', agentVersion: '2', cgroupMode: 'v1' } });
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
  agent.agent.receive({ echoReply } as AgentMessage);
  expect(agent.counts()).toEqual({ 'echo that was not asked for': 1 });
  agent.report(15_000, 15_050);
  expect(agent.sampledMs()).toBeCloseTo(15_050, 3);
});

test('AgentStream counts an echo that nobody asked for, and one that is answered twice', () => {
  const { agent, counts } = stream();
  const echoReply = { nonce: 1, monotonicUsec: 1 };
  agent.receive({ echoReply });
  agent.open(directive);
  agent.receive({ echoReply });
  agent.receive({ echoReply });
  expect(counts()).toEqual({ 'echo that was not asked for': 2 });
});

test('AgentStream asks for an echo every 30 s, also when one was never answered', () => {
  const agent = stream();
  agent.agent.open(directive);
  for (let ms = 10_000; ms <= 75_000; ms += 5_000) agent.report(ms, ms);
  expect(agent.echoes()).toEqual([1, 2, 3]);
});

test('AgentStream counts a message of no kind that it knows', () => {
  const { agent, counts } = stream();
  agent.receive({});
  expect(counts()).toEqual({ 'message of an unknown kind': 1 });
});
