import type { NodeReport } from '@tacho/proto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkReport } from './checked-report.ts';
import { anyReport, expectSound } from './fixture-report.ts';

const usage = { cpuNanocores: 250_000_000, memoryWorkingSetBytes: 1_000, windowUsec: 10_000_000 };
const held = { ...usage, swapBytes: undefined };
const app = { name: 'app', usage };
const web = { namespace: 'default', name: 'web', uid: 'web-uid', containers: [app] };
const other = { ...web, name: 'other', uid: 'other-uid' };

/** A report with fields of any type, as a peer may send them. */
const check = (report: object) => checkReport({ sampleMonotonicUsec: 1, pods: [], ...report } as NodeReport);

test('checkReport() passes node and pods on', () => {
  expect(check({ node: { ...usage, swapBytes: 0 }, pods: [web] })).toEqual({
    report: {
      sampleMonotonicUsec: 1,
      node: { ...usage, swapBytes: 0 },
      pods: [{ ...web, windowUsec: 10_000_000, containers: [{ name: 'app', ...held }] }],
    },
    refused: [],
  });
});

test('checkReport() takes zero for a value, and an empty report for a report', () => {
  const zero = { cpuNanocores: 0, memoryWorkingSetBytes: 0, windowUsec: 1 };
  expect(check({ sampleMonotonicUsec: 0, node: zero })).toEqual({
    report: { sampleMonotonicUsec: 0, node: { ...zero, swapBytes: undefined }, pods: [] },
    refused: [],
  });
});

test.each([undefined, Number.NaN, -1, 1.5, 2 ** 53, Number.POSITIVE_INFINITY, '1', null])(
  'checkReport() has no use for a report whose sample instant is %s',
  (sampleMonotonicUsec) => {
    expect(check({ sampleMonotonicUsec, pods: [web] })).toEqual({
      reason: 'report without the instant of its sample',
    });
  },
);

const fields = ['cpuNanocores', 'memoryWorkingSetBytes', 'windowUsec'] as const;
const noCounts = [undefined, Number.NaN, -1, 0.5, 2 ** 53, Number.POSITIVE_INFINITY, '5', null];

test.each(fields)('checkReport() leaves node and pod out when %s is no count, and only them', (field) => {
  for (const value of noCounts) {
    const bad = { ...usage, [field]: value };
    const pods = [{ ...web, containers: [app, { name: 'side', usage: bad }] }, other];
    const outcome = check({ node: bad, pods });
    expect(outcome).toMatchObject({ report: { node: undefined, pods: [{ name: 'other' }] } });
    expect(outcome).toMatchObject({
      refused: ['node usage is incomplete or no number', 'container without name or complete usage'],
    });
  }
});

test.each([Number.NaN, -1, 2 ** 53, '0'])(
  'checkReport() refuses a pod whose swap is %s: not the same as none',
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
  ['a usage of null', { ...web, containers: [{ name: 'app', usage: null }] }, /complete usage/],
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
])('checkReport() refuses a pod with %s, and keeps the other', (_, pod, why) => {
  const outcome = check({ pods: [pod, other] });
  expect(outcome).toMatchObject({
    report: { pods: [{ name: 'other' }] },
    refused: [expect.stringMatching(why)],
  });
});

test('checkReport() keeps the first of two pods of one UID', () => {
  const outcome = check({ pods: [web, { ...other, uid: web.uid }] });
  expect(outcome).toMatchObject({
    report: { pods: [{ name: 'web' }] },
    refused: ['pod twice in one report'],
  });
});

test('checkReport() gives a pod the longest window of its containers', () => {
  const containers = [
    { name: 'a', usage: { ...usage, windowUsec: 3 } },
    { name: 'b', usage: { ...usage, windowUsec: 9 } },
    { name: 'c', usage: { ...usage, windowUsec: 5 } },
  ];
  expect(check({ pods: [{ ...web, containers }] })).toMatchObject({ report: { pods: [{ windowUsec: 9 }] } });
});

test('checkReport() refuses more pods than a node can have', () => {
  const pods = (length: number) => Array.from({ length }, (_, index) => ({ ...web, uid: `u${index}` }));
  expect(check({ pods: pods(4_096) })).toMatchObject({ refused: [] });
  expect(check({ pods: pods(4_097) })).toEqual({ reason: 'report of more than 4096 pods' });
});

test('checkReport() never throws, and passes nothing on but sound numbers and names', () => {
  fc.assert(
    fc.property(anyReport, (report) => expectSound(checkReport(report))),
    { numRuns: 1_000 },
  );
});
