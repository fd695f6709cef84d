import { expect, test } from 'vitest';
import { type AgentMessage, type AggregatorMessage, ingestService } from './index.ts';

const { Push } = ingestService();

const fromAgent: AgentMessage[] = [
  {
    hello: {
      nodeName: 'n1',
      agentVersion: '0.1.0',
      cgroupMode: 'v2',
      trustedCaSha256: [Buffer.alloc(32, 7)],
    },
  },
  { trustedCas: { sha256: [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] } },
  { trustedCas: { sha256: [] } },
  { echoReply: { nonce: 7, monotonicUsec: 2 ** 52 } },
  {
    report: {
      sampleMonotonicUsec: 1_234_567,
      node: { cpuNanocores: 0, memoryWorkingSetBytes: 2 ** 45, swapBytes: 0, windowUsec: 10_000_000 },
      pods: [
        {
          namespace: 'default',
          name: 'web',
          uid: 'u',
          containers: [{ name: 'c', usage: { cpuNanocores: 1, memoryWorkingSetBytes: 2, windowUsec: 3 } }],
        },
      ],
    },
  },
  { report: { sampleMonotonicUsec: 1, pods: [] } },
];

test.each(fromAgent)('Push carries every field of %j and tells an absent one from zero', (message) => {
  expect(Push.requestDeserialize(Push.requestSerialize(message))).toEqual(message);
});

const fromAggregator: AggregatorMessage[] = [
  { directive: { periodUsec: 5_000_000, windowUsec: 10_000_000, peers: [] } },
  { directive: { periodUsec: 1, windowUsec: 2, peers: ['10.0.0.1:10251', '[fd00::1]:10251'] } },
  { echo: { nonce: 1 } },
];

test.each(fromAggregator)('Push answers with every field of %j', (message) => {
  expect(Push.responseDeserialize(Push.responseSerialize(message))).toEqual(message);
});

test('Push leaves numbers that the peer did not send undefined, never 0', () => {
  const bytes = Push.requestSerialize({ report: { sampleMonotonicUsec: 1, node: {} as never, pods: [] } });
  expect(Push.requestDeserialize(bytes).report?.node).toEqual({});
});
