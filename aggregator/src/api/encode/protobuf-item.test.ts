import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry, Sample, Usage } from '../measured/entry.ts';
import { messageType } from '../protocol/k8s-protobuf.ts';
import { formatBytes, formatNanocores } from '../text/quantity.ts';
import { anyItem } from './fixture-entry.ts';
import { itemProtobufBound, protobufAnswer, writeItemProtobuf, writeListElement } from './protobuf-item.ts';

const nowMs = Date.UTC(2026, 10, 22, 12, 0, 44, 999);

const seconds = (ms: number) => ({ seconds: Math.floor(ms / 1000), nanos: 0 });
const quantities = ({ cpuNanocores, memoryWorkingSetBytes, swapBytes }: Usage) => ({
  cpu: { string: formatNanocores(cpuNanocores) },
  memory: { string: formatBytes(memoryWorkingSetBytes) },
  ...(swapBytes === undefined ? {} : { swap: { string: formatBytes(swapBytes) } }),
});

/** The same message by the library, every field in its order. */
function byLibrary(entry: Entry, sample: Sample, revisions: boolean): Buffer {
  const { namespace, name, resource, labels, revision } = entry;
  const fields = {
    metadata: {
      ...{ name, generateName: '', namespace, selfLink: '', uid: '' },
      resourceVersion: revisions ? String(revision) : '',
      generation: 0,
      creationTimestamp: seconds(nowMs),
      labels: Object.fromEntries(Object.entries(labels.labels).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    timestamp: seconds(sample.time.timestampMs),
    window: { duration: sample.windowUsec * 1000 },
  };
  const message =
    resource === 'nodes'
      ? { ...fields, usage: quantities(sample.usages[0] as Usage) }
      : {
          ...fields,
          containers: sample.usages.map((usage, index) => ({
            name: sample.names[index]?.name,
            usage: quantities(usage),
          })),
        };
  return Buffer.from(
    messageType(resource === 'nodes' ? 'NodeMetrics' : 'PodMetrics')
      .encode(message)
      .finish(),
  );
}

/** Integer-like keys come first in a JavaScript object, whatever their order was. */
const hasOrder = ({ entry }: { readonly entry: Entry }) =>
  Object.keys(entry.labels.labels).every((key) => !/^\d+$/.test(key));

test('writeItemProtobuf() writes byte by byte what the library does, within its bound', () => {
  fc.assert(
    fc.property(anyItem.filter(hasOrder), fc.boolean(), ({ entry, sample }, revisions) => {
      const bound = itemProtobufBound(entry, sample);
      const out = Buffer.alloc(bound + 2, '#');
      const end = writeItemProtobuf(out, 1, entry, sample, protobufAnswer(nowMs, revisions));
      expect(end).toBeLessThanOrEqual(bound + 1);
      expect(out.subarray(1, end).toString('hex')).toBe(byLibrary(entry, sample, revisions).toString('hex'));
      expect(out.subarray(end).every((byte) => byte === 0x23)).toBe(true);
    }),
  );
});

test('writeListElement() puts tag and length before the item', () => {
  fc.assert(
    fc.property(anyItem.filter(hasOrder), ({ entry, sample }) => {
      const out = Buffer.alloc(itemProtobufBound(entry, sample));
      const end = writeListElement(out, 0, entry, sample, protobufAnswer(nowMs, false));
      const item = byLibrary(entry, sample, false);
      const type = messageType(entry.resource === 'nodes' ? 'NodeMetricsList' : 'PodMetricsList');
      const [decoded] = (type.decode(out.subarray(0, end)) as unknown as { items: object[] }).items;
      const itemType = messageType(entry.resource === 'nodes' ? 'NodeMetrics' : 'PodMetrics');
      expect(decoded).toEqual(itemType.decode(item));
    }),
  );
});
