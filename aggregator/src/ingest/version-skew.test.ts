import { expect, test } from 'vitest';
import { encodedBy, laterContract, releasedContract } from '../../../proto/src/fixture-skewed-contracts.ts';
import { directive, stream } from './fixture-agent-stream.ts';

const usage = { cpuNanocores: 5, memoryWorkingSetBytes: 6, windowUsec: 10_000_000 };
const report = {
  sampleMonotonicUsec: 1,
  node: usage,
  pods: [{ namespace: 'a', name: 'b', uid: 'c', containers: [{ name: 'd', usage }] }],
};

test.each([
  ['an older', releasedContract],
  ['a later', laterContract],
])('AgentStream takes greeting, echo and report of %s agent, and refuses nothing', (_which, contract) => {
  const { agent, accepted, counts, greetings } = stream();
  agent.open(directive);
  const root = contract();
  const say = (message: object) => {
    agent.receive(encodedBy(root, 'AgentMessage', message));
    agent.serve();
  };
  say({ hello: { nodeName: 'n1', agentVersion: '0.9.0', cgroupMode: 'v2' } });
  say({ echoReply: { nonce: 1, monotonicUsec: 10_000_000 } });
  say({ report });
  expect(counts()).toEqual({});
  expect(greetings).toEqual([{ agentVersion: '0.9.0', cgroupMode: 'v2' }]);
  expect(accepted).toMatchObject([{ report: { node: usage, pods: [{ name: 'b', containers: [usage] }] } }]);
});

test('AgentStream counts a kind of message that only later agents know, and goes on', () => {
  const { agent, accepted, counts, flow } = stream();
  const unknownKind = Buffer.from([0xfa, 0x06, 0x02, 0x08, 0x01]);
  for (let times = 0; times < 10; times += 1) {
    agent.receive(unknownKind);
    agent.serve();
  }
  agent.receive(encodedBy(laterContract(), 'AgentMessage', { report }));
  agent.serve();
  expect(counts()).toEqual({ 'message of an unknown kind': 10 });
  expect(flow.ended).toEqual([]);
  expect(accepted).toHaveLength(1);
});
