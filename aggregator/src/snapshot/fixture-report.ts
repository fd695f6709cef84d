import { ingestService, MalformedMessage, type NodeReport } from '@tacho/proto';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { CheckedOutcome, CheckedReport } from './checked-report.ts';
import { checkReport } from './fixture-check-report.ts';
import type { ReportNames } from './report-names.ts';
import { readReport } from './report-reader.ts';

const { requestDeserialize, requestSerialize } = ingestService().Push;

/** An absent count, one that has lost digits, and the largest of 64 bits too. */
const count = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(undefined, 0, 2 ** 53, 2 ** 63));
const name = fc.oneof(
  fc.constantFrom('default', 'web', 'app', 'u1', 'u2'),
  fc.string({ maxLength: 300, unit: 'binary' }),
  fc.constantFrom(undefined, ''),
);
const soundUsage = fc.record(
  {
    cpuNanocores: fc.maxSafeNat(),
    memoryWorkingSetBytes: fc.maxSafeNat(),
    swapBytes: fc.maxSafeNat(),
    windowUsec: fc.integer({ min: 1 }),
  },
  { requiredKeys: ['cpuNanocores', 'memoryWorkingSetBytes', 'windowUsec'] },
);
const usage = fc.oneof(
  { weight: 3, arbitrary: soundUsage },
  fc.record({ cpuNanocores: count, memoryWorkingSetBytes: count, swapBytes: count, windowUsec: count }),
  fc.constant(undefined),
);

function reports(name: fc.Arbitrary<string | undefined>, usage: fc.Arbitrary<object | undefined>) {
  const container = fc.record({ name, usage });
  const pod = fc.record({
    ...{ namespace: name, name, uid: name },
    containers: fc.array(container, { maxLength: 4 }),
  });
  return fc
    .record({
      sampleMonotonicUsec: count,
      periodUsec: count,
      node: usage,
      pods: fc.array(pod, { maxLength: 6 }),
    })
    .map((report) => requestSerialize({ report: report as unknown as NodeReport }));
}

/** Bytes of a report that lacks things, or has things that it should not. */
export const encodedReport = fc.oneof(
  reports(name, usage),
  reports(fc.constantFrom('default', 'web', 'app', 'u1', 'u2', 'u3'), soundUsage),
);

const overwritten = fc
  .tuple(encodedReport, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }))
  .map(([sound, writes]) => {
    const damaged = Buffer.from(sound);
    for (const [at, byte] of writes) damaged[at % damaged.length] = byte;
    return damaged;
  });
const cutOrDoubled = fc
  .tuple(encodedReport, fc.nat(), fc.nat())
  .map(([sound, to, from]) =>
    Buffer.concat([sound.subarray(0, to % (sound.length + 1)), sound.subarray(from % sound.length)]),
  );

/** Bytes of a report in which some were overwritten, cut off or doubled, and bytes that never were one. */
export const damagedReport = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  overwritten,
  cutOrDoubled,
);

/** What readReport() makes of the bytes; undefined where they are malformed. */
export function readOrRefuse(message: Buffer, last?: ReportNames): ReturnType<typeof readReport> | undefined {
  try {
    return readReport(message, last);
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined;
    throw error;
  }
}

/** What is said of the pods, without what is remembered of them for the next report. */
export function withoutNames(report: CheckedReport): CheckedReport {
  return { ...report, pods: report.pods.map(({ names: _, ...pod }) => pod) };
}

/** What protobufjs and checkReport() make of them; undefined where there is no report in them. */
export function decodeAndCheck(message: Buffer): CheckedOutcome | undefined {
  try {
    const { report } = requestDeserialize(message);
    return report && checkReport(report);
  } catch {
    return undefined;
  }
}

/** What is used is the same, and for the same reasons the rest is not; where nothing is used, the other agrees. */
export function expectSame(read: ReturnType<typeof readReport>, checked: CheckedOutcome | undefined): void {
  // The rest of a report of which nothing can be used is not read: there protobufjs may find something else.
  if ('reason' in read) expect(checked === undefined || 'reason' in checked).toBe(true);
  else if (checked === undefined || 'reason' in checked) expect(checked).toEqual(read);
  else {
    expect(withoutNames(read.report)).toEqual(checked.report);
    expect([...read.refused].sort()).toEqual([...checked.refused].sort());
  }
}

/** Whatever came in, what goes on is sound. */
export function expectSound(outcome: CheckedOutcome): void {
  if ('reason' in outcome) return;
  const { sampleMonotonicUsec, node, pods } = outcome.report;
  expectCount(sampleMonotonicUsec);
  if (node !== undefined) expectUsage(node);
  expect(new Set(pods.map(({ uid }) => uid)).size).toBe(pods.length);
  for (const { namespace, name, uid, windowUsec, containers } of pods) {
    for (const text of [namespace, name, uid]) expectName(text);
    expect(containers.length).toBeGreaterThan(0);
    expect(new Set(containers.map((each) => each.name)).size).toBe(containers.length);
    expect(windowUsec).toBe(Math.max(...containers.map((each) => each.windowUsec)));
    for (const each of containers) {
      expectName(each.name);
      expectUsage(each);
    }
  }
}

function expectUsage(
  usage: Record<'cpuNanocores' | 'memoryWorkingSetBytes' | 'windowUsec', number> & {
    readonly swapBytes: number | undefined;
  },
): void {
  for (const value of [usage.cpuNanocores, usage.memoryWorkingSetBytes, usage.windowUsec]) expectCount(value);
  expect(usage.windowUsec).toBeGreaterThan(0);
  if (usage.swapBytes !== undefined) expectCount(usage.swapBytes);
}

function expectCount(value: unknown): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0) expect(value).toBe('a safe integer of at least 0');
}

function expectName(text: unknown): void {
  if (typeof text !== 'string' || text.length < 1 || text.length > 253) expect(text).toBe('a name');
}
