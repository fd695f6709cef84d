/** One kind of object that the stand-in stores and serves. */
export interface ResourceType {
  /** Empty for the core group. */
  group: string;
  version: string;
  /** Plural, as in the URL; unique among the stored kinds, so the store is keyed by it. */
  resource: string;
  singular: string;
  kind: string;
  namespaced: boolean;
  shortNames: readonly string[];
  /** Field labels that a fieldSelector may use besides metadata.name and metadata.namespace. */
  fieldLabels: readonly string[];
}

/** To serve another kind, add a row. Kinds whose lists stay empty are here because kubectl asks for them. */
export const resourceTypes: readonly ResourceType[] = [
  core('nodes', 'node', 'Node', {
    namespaced: false,
    shortNames: ['no'],
    fieldLabels: ['spec.unschedulable'],
  }),
  core('pods', 'pod', 'Pod', { shortNames: ['po'], fieldLabels: ['spec.nodeName', 'status.phase'] }),
  core('configmaps', 'configmap', 'ConfigMap', { shortNames: ['cm'] }),
  core('secrets', 'secret', 'Secret', { fieldLabels: ['type'] }),
  core('namespaces', 'namespace', 'Namespace', {
    namespaced: false,
    shortNames: ['ns'],
    fieldLabels: ['status.phase'],
  }),
  core('events', 'event', 'Event', {
    shortNames: ['ev'],
    fieldLabels: [
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'reason',
      'type',
    ],
  }),
  {
    group: 'apiregistration.k8s.io',
    version: 'v1',
    resource: 'apiservices',
    singular: 'apiservice',
    kind: 'APIService',
    namespaced: false,
    shortNames: [],
    fieldLabels: [],
  },
  {
    group: 'discovery.k8s.io',
    version: 'v1',
    resource: 'endpointslices',
    singular: 'endpointslice',
    kind: 'EndpointSlice',
    namespaced: true,
    shortNames: [],
    fieldLabels: [],
  },
];

function core(resource: string, singular: string, kind: string, rest: Partial<ResourceType>): ResourceType {
  const defaults = { namespaced: true, shortNames: [], fieldLabels: [] };
  return { group: '', version: 'v1', resource, singular, kind, ...defaults, ...rest };
}

export function findResourceType(group: string, version: string, resource: string): ResourceType | undefined {
  return resourceTypes.find(
    (type) => type.group === group && type.version === version && type.resource === resource,
  );
}

/** The `apiVersion` of an object: `v1`, `apiregistration.k8s.io/v1`. */
export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}
