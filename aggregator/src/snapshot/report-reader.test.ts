import { ingestService, MalformedMessage, type NodeReport } from '@tacho/proto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  damagedReport,
  decodeAndCheck,
  encodedReport,
  expectSame,
  expectSound,
  readOrRefuse,
  withoutNames,
} from './fixture-report.ts';
import { noNames, type ReportNames } from './report-names.ts';
import { readReport } from './report-reader.ts';

const usage = { cpuNanocores: 250_000_000, memoryWorkingSetBytes: 1_000, windowUsec: 10_000_000 };
const held = { ...usage, swapBytes: undefined };
const app = { name: 'app', usage };
const web = { namespace: 'default', name: 'web', uid: 'web-uid', containers: [app] };
const other = { ...web, name: 'other', uid: 'other-uid' };

const { requestSerialize } = ingestService().Push;
const bytesOf = (report: object) =>
  requestSerialize({ report: { sampleMonotonicUsec: 1, pods: [], ...report } as NodeReport });
const read = (report: object, last?: ReportNames) => readReport(bytesOf(report), last);
/** What is said of a report, without the names for the next one. */
const check = (report: object) => {
  const { names: _, ...outcome } = { names: undefined, ...read(report) };
  return 'report' in outcome ? { ...outcome, report: withoutNames(outcome.report) } : outcome;
};

test('readReport() passes node and pods on', () => {
  expect(check({ node: { ...usage, swapBytes: 0 }, pods: [web] })).toEqual({
    report: {
      sampleMonotonicUsec: 1,
      node: { ...usage, swapBytes: 0 },
      pods: [{ ...web, windowUsec: 10_000_000, containers: [{ name: 'app', ...held }] }],
    },
    refused: [],
  });
});

test('readReport() takes zero for a value, and an empty report for a report', () => {
  const zero = { cpuNanocores: 0, memoryWorkingSetBytes: 0, windowUsec: 1 };
  expect(check({ sampleMonotonicUsec: 0, node: zero })).toEqual({
    report: { sampleMonotonicUsec: 0, node: { ...zero, swapBytes: undefined }, pods: [] },
    refused: [],
  });
});

test.each([undefined, 2 ** 53, 2 ** 63])(
  'readReport() has no use for a report whose sample instant is %s',
  (sampleMonotonicUsec) => {
    expect(check({ sampleMonotonicUsec, pods: [web] })).toEqual({
      reason: 'report without the instant of its sample',
    });
  },
);

const fields = ['cpuNanocores', 'memoryWorkingSetBytes', 'windowUsec'] as const;
const noCounts = [undefined, 2 ** 53, 2 ** 63];

test.each(fields)('readReport() leaves node and pod out when %s is no count, and only them', (field) => {
  for (const value of noCounts) {
    const bad = { ...usage, [field]: value };
    const pods = [{ ...web, containers: [app, { name: 'side', usage: bad }] }, other];
    const outcome = check({ node: bad, pods });
    expect(outcome).toMatchObject({ report: { node: undefined, pods: [{ name: 'other' }] } });
    expect(outcome).toMatchObject({
      refused: ['container without name or complete usage', 'node usage is incomplete or no number'],
    });
  }
});

test.each([2 ** 53, 2 ** 63])(
  'readReport() refuses a pod whose swap is %s: not the same as none',
  (swapBytes) => {
    const containers = [{ name: 'app', usage: { ...usage, swapBytes } }];
    expect(check({ pods: [{ ...web, containers }] })).toMatchObject({ report: { pods: [] } });
  },
);

test.each([
  [
    'no window',
    { ...web, containers: [{ name: 'app', usage: { ...usage, windowUsec: 0 } }] },
    /complete usage/,
  ],
  ['no usage', { ...web, containers: [{ name: 'app' }] }, /complete usage/],
  ['a container without name', { ...web, containers: [{ usage }] }, /without name/],
  ['a container of the empty name', { ...web, containers: [{ name: '', usage }] }, /without name/],
  ['no namespace', { ...web, namespace: '' }, /without namespace, name or UID/],
  ['no name', { ...web, name: undefined }, /without namespace, name or UID/],
  ['no UID', { ...web, uid: '' }, /without namespace, name or UID/],
  ['a name of 254 characters', { ...web, name: 'x'.repeat(254) }, /without namespace, name or UID/],
  ['no containers', { ...web, containers: [] }, /without containers/],
  ['a container twice', { ...web, containers: [app, app] }, /container twice/],
  [
    '513 containers',
    { ...web, containers: Array.from({ length: 513 }, (_, i) => ({ name: `c${i}`, usage })) },
    /512/,
  ],
])('readReport() refuses a pod with %s, and keeps the other', (_, pod, why) => {
  const outcome = check({ pods: [pod, other] });
  expect(outcome).toMatchObject({
    report: { pods: [{ name: 'other' }] },
    refused: [expect.stringMatching(why)],
  });
});

test('readReport() keeps the first of two pods of one UID', () => {
  const outcome = check({ pods: [web, { ...other, uid: web.uid }] });
  expect(outcome).toMatchObject({
    report: { pods: [{ name: 'web' }] },
    refused: ['pod twice in one report'],
  });
});

test('readReport() gives a pod the longest window of its containers', () => {
  const containers = [
    { name: 'a', usage: { ...usage, windowUsec: 3 } },
    { name: 'b', usage: { ...usage, windowUsec: 9 } },
    { name: 'c', usage: { ...usage, windowUsec: 5 } },
  ];
  expect(check({ pods: [{ ...web, containers }] })).toMatchObject({ report: { pods: [{ windowUsec: 9 }] } });
});

test('readReport() refuses more pods than a node can have', () => {
  const pods = (length: number) => Array.from({ length }, (_, index) => ({ ...web, uid: `u${index}` }));
  expect(check({ pods: pods(4_096) })).toMatchObject({ refused: [] });
  expect(check({ pods: pods(4_097) })).toEqual({ reason: 'report of more than 4096 pods' });
});

test('readReport() refuses more containers than a node can have, in pods of any size', () => {
  const pods = (containers: number) =>
    Array.from({ length: 100 }, (_, pod) => ({
      ...{ ...web, uid: `u${pod}` },
      containers: Array.from({ length: containers }, (_, index) => ({ name: `c${index}`, usage })),
    }));
  expect(check({ pods: pods(100) })).toMatchObject({ refused: [] });
  const more = [...pods(100), other];
  expect(check({ pods: more })).toEqual({ reason: 'report of more than 10000 containers' });
});

test.each([
  ['of a letter that is not ASCII', 'wéb'],
  ['with a space', 'a b'],
  ['with a line break', 'web\n'],
])('readReport() refuses a name %s', (_, name) => {
  expect(check({ pods: [{ ...web, name }, other] })).toMatchObject({
    report: { pods: [{ name: 'other' }] },
    refused: ['pod without namespace, name or UID'],
  });
});

test('readReport() finds a name twice also where it has all names from before', () => {
  const before = read({ pods: [web, other] });
  const names = 'names' in before ? before.names : noNames;
  expect(names.pods).toHaveLength(2);
  expect(read({ pods: [web, { ...other, uid: web.uid }] }, names)).toMatchObject({
    refused: ['pod twice in one report'],
  });
  expect(read({ pods: [{ ...web, containers: [app, app] }, other] }, names)).toMatchObject({
    refused: ['container twice in one pod'],
  });
});

test('readReport() takes the names of the last report where they are the same, and others where not', () => {
  const before = read({ pods: [web, other] });
  const names = 'names' in before ? before.names : noNames;
  const again = read({ pods: [web, { ...other, name: 'othes' }] }, names);
  if (!('names' in again)) throw new Error(again.reason);
  expect(again.names.pods[0]).toBe(names.pods[0]);
  expect(again.report.pods.map(({ name }) => name)).toEqual(['web', 'othes']);
  expect(read({ pods: [] }, names)).toMatchObject({ report: { pods: [] }, names: noNames });
});

/** A pod's message of text fields in any order, and a container between them. */
const podBytes = (fields: readonly (readonly [number, string])[]) => {
  const parts = fields.map(([tag, text]) => Buffer.from([tag, text.length, ...Buffer.from(text)]));
  const container = [0x22, 13, 0x0a, 3, ...Buffer.from('app'), 0x12, 6, 0x08, 1, 0x10, 1, 0x20, 1];
  const [first = Buffer.alloc(0), ...rest] = parts;
  const pod = Buffer.concat([first, Buffer.from(container), ...rest]);
  return [0x1a, pod.length, ...pod];
};

test('readReport() reads names anew where they do not stand together at the beginning', () => {
  const reportBytes = (pod: number[]) => Buffer.from([0x12, pod.length + 2, 0x08, 1, ...pod]);
  const fields = [[0x0a, 'a'] as const, [0x12, 'web'] as const, [0x1a, 'u'] as const];
  const last = readReport(reportBytes(podBytes([...fields, [0x0a, 'b'] as const])));
  const names = 'names' in last ? last.names : noNames;
  expect(names.pods).toMatchObject([{ namespace: 'b' }]);
  // The same beginning, and no second namespace behind it.
  const next = readReport(reportBytes(podBytes(fields)), names);
  expect(next).toMatchObject({ report: { pods: [{ namespace: 'a', name: 'web', uid: 'u' }] } });
});

test('readReport() leaves out fields that it does not know: the agent may be newer', () => {
  const unknown = Buffer.from([0x98, 0x06, 0x01, 0x9a, 0x06, 0x02, 0x61, 0x62]);
  const message = Buffer.concat([bytesOf({ pods: [web] }), unknown]);
  expect(readOrRefuse(message)).toEqual(read({ pods: [web] }));
});

test.each<[string, number[]]>([
  ['a puller’s kind beside it', [0x12, 2, 0x08, 1, 0x32, 0]],
  ['no bytes', []],
  ['a message of another kind', [0x0a, 0x00]],
  ['a length beyond its end', [0x12, 0x05, 0x08, 0x01]],
  ['a truncated number', [0x12, 0x02, 0x08, 0x80]],
  ['a number of more than 64 bits', [0x12, 0x0c, 0x08, ...Array(10).fill(0xff), 0x01]],
  ['an instant that is a text', [0x12, 0x03, 0x0a, 0x01, 0x61]],
  ['a pod that is a number', [0x12, 0x04, 0x08, 0x01, 0x18, 0x01]],
  ['a field without number', [0x12, 0x04, 0x08, 0x01, 0x00, 0x00]],
  ['a group', [0x12, 0x04, 0x08, 0x01, 0x9b, 0x06]],
  ['a second report', [0x12, 0x02, 0x08, 0x01, 0x12, 0x02, 0x08, 0x02]],
  ['a greeting behind it', [0x12, 0x02, 0x08, 0x01, 0x0a, 0x00]],
])('readReport() finds %s malformed', (_, bytes) => {
  expect(() => readReport(Buffer.from(bytes))).toThrow(MalformedMessage);
});

test('readReport() reads what protobufjs wrote as checkReport() says, whatever names it has from before', () => {
  fc.assert(
    fc.property(encodedReport, encodedReport, (before, message) => {
      const last = readOrRefuse(before);
      const names = last !== undefined && 'names' in last ? last.names : noNames;
      expectSame(readReport(message, names), decodeAndCheck(message));
    }),
    { numRuns: 1_000 },
  );
});

test('readReport() refuses any other bytes, or reads them as protobufjs does', () => {
  fc.assert(
    fc.property(damagedReport, (message) => {
      const outcome = readOrRefuse(message);
      if (outcome === undefined) return;
      expectSound(outcome);
      expectSame(outcome, decodeAndCheck(message));
    }),
    { numRuns: 1_000 },
  );
});
