import type { RequestInfo } from './request-info.ts';
import { StatusError } from './status.ts';
import type { User } from './tokens.ts';

export interface ResourceAttributes {
  group: string;
  version: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
}

/** One question to authorisation: may this user do this? About a resource, or about a non-resource path. */
export type AuthorizationAttributes = { user: User; verb: string } & (
  | { resource: ResourceAttributes; path?: undefined }
  | { path: string; resource?: undefined }
);

export type AuthorizationRule = (attributes: AuthorizationAttributes) => boolean;

/** A row of a rule table; what it leaves out matches everything. */
interface Row {
  /** A user or a group. */
  subject: string;
  verbs: readonly string[];
  /** Non-resource paths; one that ends in `*` is a prefix. */
  paths?: readonly string[];
  /** `<resource>` of the core group or `<resource>.<group>`. */
  resources?: readonly string[];
  namespace?: string;
  name?: string;
}

const probePaths = ['/healthz', '/livez', '/readyz', '/version'];
const discoveryPaths = ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*'];

/** Who tacho's aggregator is when the stand-in is given no other rule. */
export const aggregatorUsername = 'system:serviceaccount:tacho:tacho-aggregator';

/**
 * What every cluster allows (discovery and probes) and what the aggregator is granted, nothing else. The rights of the
 * aggregator are those of its chart: another right that it turns out to need has to be granted there too.
 */
export function aggregatorRule(username: string = aggregatorUsername): AuthorizationRule {
  const namespace = username.split(':')[2] ?? '';
  const rows: Row[] = [
    { subject: 'system:unauthenticated', verbs: ['get'], paths: probePaths },
    { subject: 'system:authenticated', verbs: ['get'], paths: [...probePaths, ...discoveryPaths] },
    { subject: username, verbs: ['list', 'watch'], resources: ['nodes', 'pods'] },
    {
      subject: username,
      verbs: ['get', 'list', 'watch'],
      resources: ['configmaps'],
      namespace: 'kube-system',
      name: 'extension-apiserver-authentication',
    },
    {
      subject: username,
      verbs: ['list', 'watch', 'update'],
      resources: ['secrets'],
      namespace,
      name: 'tacho-aggregator-tls',
    },
    {
      subject: username,
      verbs: ['list', 'watch', 'update'],
      resources: ['configmaps'],
      namespace,
      name: 'tacho-aggregator-ca',
    },
    ...['v1.metrics.k8s.io', 'v1beta1.metrics.k8s.io'].map((name) => ({
      subject: username,
      verbs: ['list', 'watch', 'patch'],
      resources: ['apiservices.apiregistration.k8s.io'],
      name,
    })),
    {
      subject: username,
      verbs: ['list', 'watch'],
      resources: ['endpointslices.discovery.k8s.io'],
      namespace,
    },
    {
      subject: username,
      verbs: ['create'],
      resources: ['tokenreviews.authentication.k8s.io', 'subjectaccessreviews.authorization.k8s.io'],
    },
  ];
  return (attributes) => rows.some((row) => rowAllows(row, attributes));
}

function rowAllows(row: Row, { user, verb, path, resource }: AuthorizationAttributes): boolean {
  if (row.subject !== user.username && !user.groups.includes(row.subject)) return false;
  if (!row.verbs.includes(verb)) return false;
  if (path !== undefined) {
    return (row.paths ?? []).some((allowed) =>
      allowed.endsWith('*') ? path.startsWith(allowed.slice(0, -1)) : path === allowed,
    );
  }
  const named = [resource.resource, resource.group].filter(Boolean).join('.');
  return (
    (row.resources ?? []).includes(named) &&
    resource.subresource === '' &&
    (row.namespace === undefined || row.namespace === resource.namespace) &&
    (row.name === undefined || row.name === resource.name)
  );
}

/** The rule, behind what no rule can take away: system:masters may do everything. */
export function withMasters(rule: AuthorizationRule): AuthorizationRule {
  return (attributes) => attributes.user.groups.includes('system:masters') || rule(attributes);
}

/** @throws StatusError 403, worded as kube-apiserver does */
export function authorize(allows: AuthorizationRule, user: User, info: RequestInfo): void {
  const { verb, path, resource: requested } = info;
  if (!requested) {
    if (allows({ user, verb, path })) return;
    throw new StatusError(
      403,
      'Forbidden',
      `forbidden: User "${user.username}" cannot ${verb} path "${path}"`,
      {},
    );
  }
  const { isObject: _, ...resource } = requested;
  if (allows({ user, verb, resource })) return;
  const { group, name, namespace } = resource;
  const plural = resource.subresource ? `${resource.resource}/${resource.subresource}` : resource.resource;
  const what = group === '' ? resource.resource : `${resource.resource}.${group}`;
  const subject = name === '' ? what : `${what} "${name}"`;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  throw new StatusError(
    403,
    'Forbidden',
    `${subject} is forbidden: User "${user.username}" cannot ${verb} resource "${plural}" in API group "${group}" ${scope}`,
    { ...(name && { name }), group, kind: resource.resource },
  );
}
