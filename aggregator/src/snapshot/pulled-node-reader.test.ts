import { type AgentMessage, ingestService, MalformedMessage, type PulledNode } from '@tacho/proto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPulledNode, readPulledNode } from './pulled-node-reader.ts';
import { noNames } from './report-names.ts';

const { requestSerialize } = ingestService().Push;
const usage = { cpuNanocores: 5, memoryWorkingSetBytes: 7, windowUsec: 15_000_000 };
const pod = (name: string, more = {}) => ({
  ...{ namespace: 'default', name, uid: '', containers: [{ name: 'app', usage }] },
  ...more,
});
const report = { sampleMonotonicUsec: 9, node: usage, pods: [pod('web')], periodUsec: 5_000_000 };
const encoded = (message: AgentMessage) => requestSerialize(message);
const read = (pulledNode: PulledNode) => readPulledNode(encoded({ pulledNode }), () => noNames);

test('readPulledNode() reads pods without UID, each with its own age', () => {
  const pods = [pod('web', { olderByUsec: 3_000_000 }), pod('db')];
  const { node, read: outcome } = read({
    nodeName: 'n1',
    report: { ...report, nodeOlderByUsec: 2_000_000, pods },
  });
  expect(node).toBe('n1');
  expect(outcome).toMatchObject({
    report: {
      ...{ sampleMonotonicUsec: 9, periodUsec: 5_000_000, nodeOlderByUsec: 2_000_000 },
      pods: [{ name: 'web', uid: '', olderByUsec: 3_000_000 }, { name: 'db' }],
    },
    refused: [],
  });
  expect(outcome).not.toHaveProperty('report.pods.1.olderByUsec');
});

test('readPulledNode() keeps the names of the node’s last report, where the node’s name stands before its report', () => {
  const message = encoded({ pulledNode: { nodeName: 'n1', report } });
  const namesIn = ({ read: outcome }: ReturnType<typeof readPulledNode>) =>
    (outcome as Extract<typeof outcome, { readonly names: unknown }>).names;
  const names = namesIn(readPulledNode(message, () => noNames));
  expect(names.pods).toMatchObject([{ namespace: 'default', name: 'web', uid: '' }]);
  const asked: string[] = [];
  const again = readPulledNode(message, (node) => {
    asked.push(node);
    return names;
  });
  expect(asked).toEqual(['n1']);
  expect(namesIn(again)).toBe(names);
  const other = encoded({ pulledNode: { nodeName: 'n1', report: { ...report, pods: [pod('wax')] } } });
  expect(readPulledNode(other, () => names).read).toMatchObject({ report: { pods: [{ name: 'wax' }] } });
});

test('readPulledNode() leaves out a pod that is there twice, and samples of another time', () => {
  const pods = [pod('web'), pod('web'), pod('old', { olderByUsec: 600_000_000 })];
  const { read: outcome } = read({ nodeName: 'n1', report: { ...report, pods, nodeOlderByUsec: 2 ** 54 } });
  expect(outcome).toMatchObject({ report: { node: undefined, pods: [{ name: 'web' }] } });
  expect([...(outcome as { refused: readonly string[] }).refused].sort()).toEqual([
    'pod twice in one report',
    'pulled sample 10 minutes older than its report',
    'pulled sample 10 minutes older than its report',
  ]);
});

test('readPulledNode() tells a try without news from a problem, and one from the other', () => {
  expect(read({ nodeName: 'n1' })).toEqual({ node: 'n1' });
  const problem = { reason: 'hung', message: 'https://10.0.0.1:10250 did not answer within 10 s' };
  expect(read({ nodeName: 'n1', problem })).toEqual({ node: 'n1', problem });
  expect(read({ nodeName: 'n1', report, problem })).toMatchObject({ read: { refused: [] }, problem });
});

test('readPulledNode() bounds a problem’s words, and takes what steers a terminal out of them', () => {
  const { problem } = read({
    nodeName: 'n1',
    problem: { reason: 'r'.repeat(100), message: `a\u001b[31m\nb\u202e\u2028c${'ü'.repeat(1_000)}` },
  });
  expect(problem?.reason).toBe('r'.repeat(64));
  expect(problem?.message).toMatch(/^a \[31m b c/);
  expect(problem?.message.length).toBeLessThanOrEqual(1_024);
});

test('readPulledNode() says why nothing of a report can be used, and keeps the rest of the message', () => {
  const problem = { reason: 'hung', message: '' };
  const pods = Array.from({ length: 4_097 }, (_, index) => pod(`p${index}`));
  const outcome = read({ nodeName: 'n1', report: { ...report, pods }, problem });
  expect(outcome).toEqual({
    node: 'n1',
    read: { reason: 'report of more than 4096 pods' },
    problem,
  });
});

test.each([
  ['an agent’s report', encoded({ report })],
  ['no node', encoded({ pulledNode: { report } as PulledNode })],
  ['a name that is none', encoded({ pulledNode: { nodeName: 'a b' } })],
  ['a second kind', Buffer.concat([encoded({ pulledNode: { nodeName: 'n1' } }), encoded({ report })])],
  ['nothing', Buffer.alloc(0)],
])('readPulledNode() throws on %s', (_, message) => {
  expect(() => readPulledNode(message, () => noNames)).toThrow(MalformedMessage);
});

test('readPulledNode() of any bytes reads something or throws MalformedMessage', () => {
  const sound = encoded({ pulledNode: { nodeName: 'n1', report, problem: { reason: 'x', message: 'y' } } });
  expect(isPulledNode(sound)).toBe(true);
  const damaged = fc.array(fc.tuple(fc.nat({ max: sound.length - 1 }), fc.nat({ max: 255 })), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(damaged, fc.nat(), (writes, cut) => {
      const bytes = Buffer.from(sound);
      for (const [at, byte] of writes) bytes[at] = byte;
      try {
        expect(readPulledNode(bytes.subarray(0, cut % (sound.length + 1)), () => noNames).node).toMatch(
          /^.+$/,
        );
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMessage);
      }
    }),
  );
});
