import { groupName } from '../protocol/metrics-group.ts';
import {
  described,
  list,
  map,
  metaPackage,
  object,
  quantityName,
  reference,
  type Schema,
  type Schemas,
  text,
  typeMeta,
} from './openapi-schema.ts';

const usageRule =
  'cpu in cores, a mean over the window; memory in bytes, the working set at the timestamp: what the kernel cannot ' +
  'take back at once; swap in bytes, where there is swap.';

const timestamp = described(
  'When the sample was taken that ends the window. Memory is of this instant.',
  `${metaPackage}.Time`,
);
const window = described(
  'The time over which cpu was averaged: it ends at the timestamp.',
  `${metaPackage}.Duration`,
);

/** Name of the schema of a kind of metrics.k8s.io. */
export function metricsSchemaName(version: string, kind: string): string {
  return `io.k8s.metrics.pkg.apis.metrics.${version}.${kind}`;
}

/** Schemas of metrics.k8s.io in one version; they differ in nothing but its name. */
export function metricsSchemas(version: string): Schemas {
  const named = (kind: string) => metricsSchemaName(version, kind);
  const kinds: Schemas = {
    NodeMetrics: object('What a node uses.', ['timestamp', 'window', 'usage'], {
      ...objectFields,
      usage: usage('What the whole node uses'),
    }),
    NodeMetricsList: listOf('nodes', named('NodeMetrics')),
    PodMetrics: object('What the containers of a pod use.', ['timestamp', 'window', 'containers'], {
      ...objectFields,
      containers: list(
        'Each container of the pod, all over the same window.',
        reference(named('ContainerMetrics')),
      ),
    }),
    PodMetricsList: listOf('pods', named('PodMetrics')),
  };
  const schemas = Object.entries(kinds).map(([kind, schema]): [string, Schema] => [
    named(kind),
    { ...schema, 'x-kubernetes-group-version-kind': [{ group: groupName, kind, version }] },
  ]);
  return {
    ...Object.fromEntries(schemas),
    [named('ContainerMetrics')]: object('What a container uses.', ['name', 'usage'], {
      name: text('Name of the container in its pod.'),
      usage: usage('What the container uses'),
    }),
  };
}

const objectFields: Schemas = {
  ...typeMeta,
  metadata: described('Name, namespace and labels.', `${metaPackage}.ObjectMeta`),
  timestamp,
  window,
};

function usage(subject: string): Schema {
  return map(`${subject}: ${usageRule}`, reference(quantityName));
}

function listOf(what: string, item: string): Schema {
  return object(`Metrics of ${what}.`, ['items'], {
    ...typeMeta,
    items: { description: `One for each of the ${what}.`, type: 'array', items: reference(item) },
    metadata: described('What the list says of itself.', `${metaPackage}.ListMeta`),
  });
}
