import { apiVersionOf, type ResourceType, resourceTypes } from './resource-types.ts';

/** meta/v1 APIResource, as far as clients read it. */
export interface ApiResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  kind: string;
  verbs: readonly string[];
  shortNames?: readonly string[];
}

/** A version of a group with its resources; a stale one is listed by a backend that does not answer. */
export interface GroupVersionDiscovery {
  group: string;
  version: string;
  /** In the form of apidiscovery.k8s.io/v2. */
  resources: readonly unknown[];
  freshness: 'Current' | 'Stale';
}

export const aggregatedDiscoveryType =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' as const;

const reviewResources: readonly (ApiResource & { group: string })[] = [
  { group: 'authentication.k8s.io', ...creatable('tokenreviews', 'tokenreview', 'TokenReview') },
  {
    group: 'authorization.k8s.io',
    ...creatable('subjectaccessreviews', 'subjectaccessreview', 'SubjectAccessReview'),
  },
];

function creatable(name: string, singularName: string, kind: string): ApiResource {
  return { name, singularName, kind, namespaced: false, verbs: ['create'] };
}

function stored({ resource, singular, namespaced, kind, shortNames }: ResourceType): ApiResource {
  const verbs = ['get', 'list', 'patch', 'update', 'watch'];
  return {
    name: resource,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames[0] && { shortNames }),
  };
}

/** The groups that the stand-in serves itself, all in version v1; the core group is the empty one. */
export const ownGroups: readonly string[] = [
  ...new Set([...resourceTypes.map(({ group }) => group), ...reviewResources.map(({ group }) => group)]),
];

function ownResources(group: string): ApiResource[] {
  return [
    ...resourceTypes.filter((type) => type.group === group).map(stored),
    ...reviewResources.filter((one) => one.group === group).map(({ group: _, ...resource }) => resource),
  ];
}

export function ownDiscovery(group: string): GroupVersionDiscovery {
  const resources = ownResources(group).map((resource) => toAggregated(group, 'v1', resource));
  return { group, version: 'v1', resources, freshness: 'Current' };
}

/** `/api/v1` and `/apis/<group>/v1` of the stand-in's own groups. */
export function apiResourceList(group: string): unknown {
  const groupVersion = apiVersionOf({ group, version: 'v1' });
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: ownResources(group) };
}

/** From the plain form of discovery to the aggregated one. */
export function toAggregated(group: string, version: string, resource: ApiResource): unknown {
  return {
    resource: resource.name,
    responseKind: { group, version, kind: resource.kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singularName,
    verbs: resource.verbs,
    ...(resource.shortNames && { shortNames: resource.shortNames }),
  };
}

/** `/api` and `/apis` in the aggregated form: groups and versions in the order given. */
export function groupDiscoveryList(versions: readonly GroupVersionDiscovery[]): unknown {
  const items = [...Map.groupBy(versions, ({ group }) => group)].map(([name, ofGroup]) => ({
    metadata: { name, creationTimestamp: null },
    versions: ofGroup.map(({ group: _, ...version }) => version),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

/** `/apis/<group>`, and an item of `/apis`. */
export function apiGroup(name: string, versions: readonly string[]): Record<string, unknown> {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** `/apis` in the plain form. */
export function apiGroupList(groups: ReadonlyMap<string, readonly string[]>): unknown {
  const items = [...groups].map(([name, versions]) => apiGroup(name, versions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: items };
}

/** `/api` in the plain form. */
export function apiVersions(serverAddress: string): unknown {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
}

/** Whether the client's first understood media type is the aggregated form. */
export function acceptsAggregated(accept = ''): boolean {
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const asked = new Map(parameters.map((parameter) => parameter.split('=', 2) as [string, string]));
    if (type !== 'application/json' && type !== 'application/*' && type !== '*/*') continue;
    if (!asked.has('as')) return false;
    if (asked.get('as') === 'APIGroupDiscoveryList' && asked.get('v') === 'v2') return true;
  }
  return false;
}

export const version = {
  major: '1',
  minor: '37',
  // The suffix is how a client learns that this is no kube-apiserver.
  gitVersion: 'v1.37.0-tacho-stand-in',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: '',
} as const;
