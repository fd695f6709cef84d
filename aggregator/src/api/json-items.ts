import { formatGoDuration } from './go-duration.ts';
import { goJson, goJsonMap } from './go-json.ts';
import { timestampJson } from './rfc3339.ts';
import { quantitiesOf } from './usage-quantities.ts';
import { isPodUsage, type UsageItem } from './usage-reader.ts';

/** An item is replaced when it changes, so what was encoded once holds as long as the item lives. */
const encoded = new WeakMap<UsageItem, string>();

/** NodeMetrics or PodMetrics without kind and apiVersion, as an element of a list of any version. */
export function itemJson(item: UsageItem): string {
  let json = encoded.get(item);
  if (json === undefined) {
    json = encodeItem(item);
    encoded.set(item, json);
  }
  return json;
}

/** NodeMetrics or PodMetrics on its own. */
export function objectJson(apiVersion: string, kind: string, item: UsageItem): string {
  return `{"kind":"${kind}","apiVersion":"${apiVersion}",${itemJson(item).slice(1)}`;
}

/** Any list whose items are JSON already. */
export function listJson(apiVersion: string, listKind: string, items: readonly string[]): string {
  return `{"kind":"${listKind}","apiVersion":"${apiVersion}","metadata":{},"items":[${items.join(',')}]}`;
}

/** The ObjectMeta: only what a metric has, the instant of its sample as the time of creation. */
export function metadataJson(item: UsageItem): string {
  const namespace = isPodUsage(item) ? `,"namespace":${goJson(item.namespace)}` : '';
  const labels = Object.keys(item.labels).length === 0 ? '' : `,"labels":${goJsonMap(item.labels)}`;
  const created = timestampJson(item.timestampMs);
  return `{"name":${goJson(item.name)}${namespace},"creationTimestamp":${created}${labels}}`;
}

function encodeItem(item: UsageItem): string {
  const window = formatGoDuration(item.windowUsec * 1000);
  const timestamp = timestampJson(item.timestampMs);
  const usage = isPodUsage(item) ? containersJson(item) : `"usage":${JSON.stringify(quantitiesOf(item))}`;
  return `{"metadata":${metadataJson(item)},"timestamp":${timestamp},"window":"${window}",${usage}}`;
}

function containersJson({ containers }: Extract<UsageItem, { containers: unknown }>): string {
  const elements = containers.map(
    (container) => `{"name":${goJson(container.name)},"usage":${JSON.stringify(quantitiesOf(container))}}`,
  );
  return `"containers":[${elements.join(',')}]`;
}
