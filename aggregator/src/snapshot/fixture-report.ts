import { ingestService, type NodeReport } from '@tacho/proto';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { checkReport } from './checked-report.ts';

/** Counts as they should be, and everything that a peer or a decoder may make of them. */
const count = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.double(),
  fc.constantFrom(
    undefined,
    null,
    0,
    -0,
    -1,
    Number.NaN,
    2 ** 53,
    2 ** 64,
    Number.POSITIVE_INFINITY,
    '1',
    1n,
  ),
);
const name = fc.oneof(
  fc.constantFrom('default', 'web', 'app', 'u1', 'u2'),
  fc.string({ maxLength: 300 }),
  fc.constantFrom(undefined, null, ''),
);
const usage = fc.oneof(
  fc.record({ cpuNanocores: count, memoryWorkingSetBytes: count, swapBytes: count, windowUsec: count }),
  fc.record({ cpuNanocores: fc.nat(), memoryWorkingSetBytes: fc.nat(), windowUsec: fc.nat() }),
  fc.constantFrom(undefined, null, {}),
);
const container = fc.record({ name, usage });
const pod = fc.record({
  namespace: name,
  name,
  uid: name,
  containers: fc.array(container, { maxLength: 4 }),
});

/** Reports whose fields are not what their type says. */
export const anyReport = fc
  .record({ sampleMonotonicUsec: count, node: usage, pods: fc.array(pod, { maxLength: 6 }) })
  .map((report) => report as unknown as NodeReport);

const { requestDeserialize, requestSerialize } = ingestService().Push;

const soundUsage = fc.record(
  {
    cpuNanocores: fc.maxSafeNat(),
    memoryWorkingSetBytes: fc.maxSafeNat(),
    swapBytes: fc.maxSafeNat(),
    windowUsec: fc.nat(),
  },
  { requiredKeys: ['cpuNanocores'] },
);
const soundName = fc.constantFrom('default', 'web', 'app', 'u1', 'u2');
const soundContainer = fc.record({ name: soundName, usage: soundUsage });
const soundPod = fc.record({
  ...{ namespace: soundName, name: soundName, uid: soundName },
  containers: fc.array(soundContainer, { maxLength: 3 }),
});
const encoded = fc
  .record({
    sampleMonotonicUsec: fc.maxSafeNat(),
    node: soundUsage,
    pods: fc.array(soundPod, { maxLength: 4 }),
  })
  .map((report) => requestSerialize({ report: report as unknown as NodeReport }));

/** Bytes of a report in which some were overwritten, and bytes that never were one. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .tuple(encoded, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }))
    .map(([sound, writes]) => {
      const damaged = Uint8Array.from(sound);
      for (const [at, byte] of writes) damaged[at % damaged.length] = byte;
      return damaged;
    }),
);

/** What the wire makes of such bytes; undefined where gRPC already refuses them. */
export const decodedReport = bytes.map((each) => {
  try {
    return requestDeserialize(Buffer.from(each)).report;
  } catch {
    return undefined;
  }
});

/** Whatever came in, what goes on is sound. */
export function expectSound(outcome: ReturnType<typeof checkReport>): void {
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
