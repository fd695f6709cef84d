import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Usage } from '../measured/entry.ts';
import { formatGoDuration } from '../text/go-duration.ts';
import { formatBytes, formatNanocores } from '../text/quantity.ts';
import { anyItem } from './fixture-entry.ts';
import { itemJsonBound, jsonAnswer, writeItemJson } from './json-item.ts';

const nowMs = Date.UTC(2026, 10, 22, 12, 0, 44, 999);
const time = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const quantities = ({ cpuNanocores, memoryWorkingSetBytes, swapBytes }: Usage) => ({
  cpu: formatNanocores(cpuNanocores),
  memory: formatBytes(memoryWorkingSetBytes),
  ...(swapBytes === undefined ? {} : { swap: formatBytes(swapBytes) }),
});

test('writeItemJson() writes an item that says what it was given, within its bound', () => {
  fc.assert(
    fc.property(anyItem, fc.boolean(), ({ entry, sample }, revisions) => {
      const bound = itemJsonBound(entry, sample);
      const out = Buffer.alloc(bound + 2, '#');
      const end = writeItemJson(out, 1, entry, sample, jsonAnswer(nowMs, revisions));
      expect(end).toBeLessThanOrEqual(bound + 1);
      expect(out.subarray(end).every((byte) => byte === 0x23)).toBe(true);
      const { namespace, name, labels, resource, revision } = entry;
      const isPod = resource === 'pods';
      expect(JSON.parse(out.toString('utf8', 1, end))).toEqual({
        metadata: {
          name,
          ...(isPod && { namespace }),
          ...(revisions && { resourceVersion: String(revision) }),
          creationTimestamp: time(nowMs),
          ...(Object.keys(labels.labels).length > 0 && { labels: labels.labels }),
        },
        timestamp: time(sample.time.timestampMs),
        window: formatGoDuration(sample.windowUsec * 1000),
        ...(isPod
          ? {
              containers: sample.usages.map((usage, index) => ({
                name: sample.names[index]?.name,
                usage: quantities(usage),
              })),
            }
          : { usage: quantities(sample.usages[0] as Usage) }),
      });
    }),
  );
});

test('writeItemJson() writes the same again, and the labels that the entry has by then', () => {
  fc.assert(
    fc.property(anyItem, anyItem, ({ entry, sample }, other) => {
      const write = () => {
        const out = Buffer.alloc(itemJsonBound(entry, sample));
        return out.toString('utf8', 0, writeItemJson(out, 0, entry, sample, jsonAnswer(nowMs, false)));
      };
      const before = write();
      expect(write()).toBe(before);
      entry.labels = other.entry.labels;
      expect(JSON.parse(write()).metadata.labels ?? {}).toEqual(entry.labels.labels);
    }),
    { numRuns: 20 },
  );
});
