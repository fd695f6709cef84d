import type { Document } from './document.ts';
import { formatGoDuration } from './go-duration.ts';
import { goQuote } from './go-quote.ts';
import { objectJson } from './json-items.ts';
import { partialObjectMetadataJson } from './partial-object-metadata.ts';
import { badRequest } from './status.ts';
import { quantitiesOf, totalUsage, type UsageQuantities } from './usage-quantities.ts';
import type { UsageItem } from './usage-reader.ts';

export interface TableRequest {
  /** The meta.k8s.io version that was asked for. */
  readonly apiVersion: string;
  /** What `includeObject=Object` puts into a row. */
  readonly object: { readonly apiVersion: string; readonly kind: string };
  readonly includeObject: string;
  readonly items: readonly UsageItem[];
}

type ResourceName = keyof UsageQuantities;

/**
 * `as=Table`, what `kubectl get` prints. Without items there are neither rows nor columns: both are null.
 *
 * @throws StatusError 400 for an includeObject that does not exist.
 */
export function table({ apiVersion, object, includeObject, items }: TableRequest): Document {
  const rowObject = rowObjects(apiVersion, object, includeObject);
  return {
    json: () => {
      const start = `{"kind":"Table","apiVersion":"${apiVersion}","metadata":{}`;
      if (items.length === 0) return `${start},"columnDefinitions":null,"rows":null}`;
      const usages = items.map((item) => quantitiesOf(totalUsage(item)));
      const resources: readonly ResourceName[] = usages.some(({ swap }) => swap !== undefined)
        ? ['cpu', 'memory', 'swap']
        : ['cpu', 'memory'];
      const rows = items.map((item, index) => {
        const usage = usages[index];
        // A node that does not count swap has no value where others have one: null, not zero.
        const quantities = resources.map((resource) => usage?.[resource] ?? null);
        const cells = [item.name, ...quantities, formatGoDuration(item.windowUsec * 1000)];
        return `{"cells":${JSON.stringify(cells)},"object":${rowObject(item)}}`;
      });
      return `${start},"columnDefinitions":${columns(resources)},"rows":[${rows.join(',')}]}`;
    },
  };
}

function columns(resources: readonly ResourceName[]): string {
  const description = 'Name of the node or pod that the metrics are of.';
  return JSON.stringify([
    { name: 'Name', type: 'string', format: 'name', description, priority: 0 },
    ...resources.map((name) => ({ name, type: 'string', format: 'quantity', description: '', priority: 0 })),
    { name: 'Window', type: 'string', format: 'duration', description: '', priority: 0 },
  ]);
}

function rowObjects(
  apiVersion: string,
  object: TableRequest['object'],
  includeObject: string,
): (item: UsageItem) => string {
  switch (includeObject) {
    case '':
    case 'Metadata':
      return (item) => partialObjectMetadataJson(apiVersion, item);
    case 'Object':
      return (item) => objectJson(object.apiVersion, object.kind, item);
    case 'None':
      return () => 'null';
    default: {
      const fault = `includeObject: Invalid value: ${goQuote(includeObject)}`;
      const rule = "must be 'Metadata', 'Object', 'None', or empty";
      throw badRequest(`Unable to convert to Table as requested: ${fault}: ${rule}`);
    }
  }
}
