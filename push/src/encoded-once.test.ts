import { type AgentMessage, ingestService, type NodeReport } from '@tacho/proto';
import { expect, test } from 'vitest';
import { encodedOnce } from './encoded-once.ts';

const { Push } = ingestService();
const report = (sampleMonotonicUsec: number): NodeReport => ({ sampleMonotonicUsec, pods: [] });

test('encodedOnce() gives every message the bytes of the method', () => {
  const once = encodedOnce(Push);
  const [first, second] = [report(1), report(2)];
  const messages: AgentMessage[] = [
    { hello: { nodeName: 'n1', agentVersion: '0.1.0', cgroupMode: 'v2', trustedCaSha256: [] } },
    { report: first },
    { echoReply: { nonce: 7, monotonicUsec: 8 } },
    { report: first },
    { report: second },
    { pulledNode: { nodeName: 'n1', report: first } },
    { report: first },
  ];
  for (const message of messages) {
    expect(once.requestDeserialize(once.requestSerialize(message))).toEqual(message);
  }
});

test('encodedOnce() encodes a report for the first stream only', () => {
  let encoded = 0;
  const once = encodedOnce({
    ...Push,
    requestSerialize: (message) => {
      encoded += 1;
      return Push.requestSerialize(message);
    },
  });
  const [first, second] = [report(1), report(2)];
  for (const each of [first, first, first, second, second]) once.requestSerialize({ report: each });
  expect(encoded).toBe(2);
});
