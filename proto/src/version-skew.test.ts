import type protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import {
  currentContract,
  encodedBy,
  laterContract,
  messagesOf,
  releasedContract,
} from './fixture-skewed-contracts.ts';
import { type AgentMessage, type AggregatorMessage, ingestService } from './index.ts';

const { Push } = ingestService();

const fieldsOf = (root: protobuf.Root) =>
  messagesOf(root).flatMap((type) =>
    type.fieldsArray.map((field) => ({
      field: `${type.name}.${field.name}`,
      number: field.id,
      type: field.type,
      repeated: field.repeated,
      kind: field.partOf?.name ?? null,
    })),
  );

test('no field that was released has another number, type or meaning now', () => {
  expect(fieldsOf(releasedContract()).length).toBeGreaterThan(20);
  expect(fieldsOf(currentContract())).toEqual(expect.arrayContaining(fieldsOf(releasedContract())));
});

const usage = { cpuNanocores: 0, memoryWorkingSetBytes: 2, windowUsec: 3 };
const report = {
  sampleMonotonicUsec: 5,
  node: usage,
  pods: [{ namespace: 'a', name: 'b', uid: 'c', containers: [{ name: 'd', usage }] }],
};
const fromAgent: readonly AgentMessage[] = [
  { hello: { nodeName: 'n1', agentVersion: '0.0.9', cgroupMode: 'v2', trustedCaSha256: [] } },
  { report },
  { echoReply: { nonce: 1, monotonicUsec: 2 } },
  { trustedCas: { sha256: [Buffer.alloc(32, 1)] } },
];
const fromAggregator: readonly AggregatorMessage[] = [
  { directive: { periodUsec: 1, windowUsec: 2, peers: ['10.0.0.1:10251'] } },
  { echo: { nonce: 3 } },
];

test.each([
  ['an older', releasedContract],
  ['a later', laterContract],
])('what %s version says is understood, and what it does not say stays absent', (_which, contract) => {
  for (const message of fromAgent)
    expect(Push.requestDeserialize(encodedBy(contract(), 'AgentMessage', message))).toEqual(message);
  for (const message of fromAggregator)
    expect(Push.responseDeserialize(encodedBy(contract(), 'AggregatorMessage', message))).toEqual(message);
});

test('an older version understands what is said now', () => {
  const older = releasedContract();
  const read = (name: string, bytes: Buffer) => {
    const type = older.lookupType(`tacho.v1.${name}`);
    return type.toObject(type.decode(bytes), { longs: Number, arrays: true });
  };
  for (const message of fromAgent)
    expect(read('AgentMessage', Push.requestSerialize(message))).toEqual(message);
  for (const message of fromAggregator)
    expect(read('AggregatorMessage', Push.responseSerialize(message))).toEqual(message);
});
