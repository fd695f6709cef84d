import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CheckedReport, CheckedUsage } from './checked-report.ts';
import { withoutImplausible } from './plausibility.ts';

const capacity = { cpuNanocores: 4e9, memoryBytes: 2 ** 30 };
const usual: CheckedUsage = {
  ...{ cpuNanocores: 1e9, memoryWorkingSetBytes: 2 ** 20, swapBytes: undefined, windowUsec: 10_000_000 },
};
const pod = (name: string, usages: readonly Partial<CheckedUsage>[]) => ({
  ...{ namespace: 'default', name, uid: name, windowUsec: 10_000_000 },
  containers: usages.map((usage, index) => ({ name: `c${index}`, ...usual, ...usage })),
});
const reportOf = (pods: CheckedReport['pods'], node: CheckedUsage | undefined = usual): CheckedReport => ({
  ...{ sampleMonotonicUsec: 1, node, pods },
});

test('withoutImplausible() finds nothing in what a machine can do, up to its size and a clock’s error', () => {
  for (const usage of [
    {},
    { cpuNanocores: 4e9, memoryWorkingSetBytes: 2 ** 30 },
    { cpuNanocores: 4.09e9 },
    { cpuNanocores: 6.5e9, windowUsec: 400_000 },
    { swapBytes: Number.MAX_SAFE_INTEGER },
    { windowUsec: 1_800_000_000 },
    { cpuNanocores: 0, memoryWorkingSetBytes: 0 },
  ]) {
    const report = reportOf([pod('a', [usage])], { ...usual, ...usage });
    expect(withoutImplausible(report, capacity)).toEqual({ report, refused: [] });
  }
});

test.each<[string, Partial<CheckedUsage>]>([
  ['more CPU than processors', { cpuNanocores: 4.2e9 }],
  ['more CPU than even a short window excuses', { cpuNanocores: 6.6e9, windowUsec: 1 }],
  ['more memory than there is', { memoryWorkingSetBytes: 2 ** 30 + 1 }],
])('withoutImplausible() leaves out a pod with %s in one container, and no other', (_, usage) => {
  const report = reportOf([pod('a', [{}]), pod('b', [{}, usage]), pod('c', [{}])]);
  const judged = withoutImplausible(report, capacity);
  expect(judged.refused).toEqual(['pod that uses more than its node has']);
  expect(judged.report.pods.map(({ name }) => name)).toEqual(['a', 'c']);
  expect(judged.report).toMatchObject({ node: usual, sampleMonotonicUsec: 1 });
  const node = withoutImplausible(reportOf([pod('a', [{}])], { ...usual, ...usage }), capacity);
  expect(node.refused).toEqual(['node that uses more than it has']);
  expect(node.report).toEqual({ sampleMonotonicUsec: 1, node: undefined, pods: [pod('a', [{}])] });
});

test('withoutImplausible() judges by what is known of the machine only', () => {
  const large = reportOf([pod('a', [{ cpuNanocores: 1e15, memoryWorkingSetBytes: 2 ** 50 }])]);
  const unknown = { cpuNanocores: undefined, memoryBytes: undefined };
  for (const size of [undefined, unknown])
    expect(withoutImplausible(large, size)).toEqual({ report: large, refused: [] });
  expect(withoutImplausible(large, { ...unknown, memoryBytes: 1 }).refused).toHaveLength(2);
});

test('withoutImplausible() leaves out a window that no agent covers, whatever the machine', () => {
  const long = reportOf([pod('a', [{ windowUsec: 1_800_000_001 }]), pod('b', [{}])]);
  const judged = withoutImplausible(long, undefined);
  expect(judged.refused).toEqual(['window longer than any agent covers']);
  expect(judged.report.pods.map(({ name }) => name)).toEqual(['b']);
});

test('withoutImplausible() leaves nothing that is larger than the machine, and refuses once for each part left out', () => {
  const usage = fc.record({
    cpuNanocores: fc.nat({ max: 10e9 }),
    memoryWorkingSetBytes: fc.nat({ max: 2 ** 31 }),
    swapBytes: fc.constant(undefined),
    windowUsec: fc.integer({ min: 1, max: 4e9 }),
  });
  fc.assert(
    fc.property(
      fc.array(fc.array(usage, { minLength: 1, maxLength: 3 }), { maxLength: 6 }),
      usage,
      (pods, node) => {
        const report = reportOf(
          pods.map((usages, index) => pod(`p${index}`, usages)),
          node,
        );
        const { report: left, refused } = withoutImplausible(report, capacity);
        const parts = [
          ...left.pods.flatMap(({ containers }) => containers),
          ...(left.node ? [left.node] : []),
        ];
        for (const each of parts) {
          expect(each.memoryWorkingSetBytes).toBeLessThanOrEqual(2 ** 30);
          expect(each.cpuNanocores).toBeLessThanOrEqual(4e9 * (1 + 0.25 / 0.4));
        }
        const missing = report.pods.length - left.pods.length + (left.node === undefined ? 1 : 0);
        expect(refused).toHaveLength(missing);
      },
    ),
  );
});
