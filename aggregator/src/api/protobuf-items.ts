import { emptyListMeta, messageType, protobufBody } from './k8s-protobuf.ts';
import { quantitiesOf, type Usage } from './usage-quantities.ts';
import { isPodUsage, type UsageItem } from './usage-reader.ts';

const nodeMetrics = messageType('NodeMetrics');
const nodeMetricsList = messageType('NodeMetricsList');
const podMetrics = messageType('PodMetrics');
const podMetricsList = messageType('PodMetricsList');
const listStart = nodeMetricsList.encode({ metadata: emptyListMeta }).finish();

/** An item is replaced when it changes, so what was encoded once holds as long as the item lives. */
const encoded = new WeakMap<UsageItem, Uint8Array>();

/** NodeMetricsList or PodMetricsList. */
export function listProtobuf(apiVersion: string, listKind: string, items: readonly UsageItem[]): Buffer {
  return protobufBody(apiVersion, listKind, [listStart, ...items.map(listElement)]);
}

/** NodeMetrics or PodMetrics. */
export function objectProtobuf(apiVersion: string, kind: string, item: UsageItem): Buffer {
  const type = isPodUsage(item) ? podMetrics : nodeMetrics;
  return protobufBody(apiVersion, kind, [type.encode(itemFields(item)).finish()]);
}

/** ObjectMeta. Go holds the empty ones by value and so writes them. */
export function metadataFields(item: UsageItem): object {
  return {
    name: item.name,
    generateName: '',
    namespace: isPodUsage(item) ? item.namespace : '',
    selfLink: '',
    uid: '',
    resourceVersion: '',
    generation: 0,
    creationTimestamp: timeFields(item.timestampMs),
    labels: Object.fromEntries(Object.entries(item.labels).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The item with its tag and length, ready to follow others in a list. */
function listElement(item: UsageItem): Uint8Array {
  let bytes = encoded.get(item);
  if (bytes === undefined) {
    const type = isPodUsage(item) ? podMetricsList : nodeMetricsList;
    bytes = type.encode({ items: [itemFields(item)] }).finish();
    encoded.set(item, bytes);
  }
  return bytes;
}

function itemFields(item: UsageItem): object {
  const sample = {
    metadata: metadataFields(item),
    timestamp: timeFields(item.timestampMs),
    window: { duration: item.windowUsec * 1000 },
  };
  if (!isPodUsage(item)) return { ...sample, usage: usageFields(item) };
  const containers = item.containers.map(({ name, ...usage }) => ({ name, usage: usageFields(usage) }));
  return { ...sample, containers };
}

/** Whole seconds, cut as in JSON. */
function timeFields(timestampMs: number): object {
  return { seconds: Math.floor(timestampMs / 1000), nanos: 0 };
}

function usageFields(usage: Usage): object {
  const quantities = Object.entries(quantitiesOf(usage));
  return Object.fromEntries(quantities.map(([resource, string]) => [resource, { string }]));
}
