import type { ApiRequest } from '../api/protocol/api-message.ts';
import { groupName } from '../api/protocol/metrics-group.ts';
import { findRoute, type ItemsRoute } from '../api/protocol/route-path.ts';
import { isWatch } from '../api/selectors/list-options.ts';
import { debugNodesPath } from './debug-nodes.ts';
import { healthPaths } from './health.ts';

/** A request in the words that Kubernetes' API servers count by: each is of a closed list, whatever a client sends. */
export interface RequestKind {
  /** In capitals, LIST and WATCH apart from GET; `other` for a method that is none of Kubernetes'. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Outside the API the path where it is one of ours, otherwise `other`; within it nothing. */
  readonly subresource: string;
  readonly scope: '' | 'cluster' | 'namespace' | 'resource';
  readonly load: 'reading' | 'mutating';
  /** A watch: it has no deadline and counts for none of the limits of short requests. */
  readonly longRunning: boolean;
}

const changingMethods: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE'];
const otherPaths: readonly string[] = [
  debugNodesPath,
  '/metrics',
  '/version',
  '/openapi/v2',
  '/openapi/v3',
  '/apis',
];

export function requestKind({
  method,
  path,
  query,
}: Pick<ApiRequest, 'method' | 'path' | 'query'>): RequestKind {
  const reads = method === 'GET' || method === 'HEAD';
  const load = reads ? 'reading' : 'mutating';
  const route = findRoute(path);
  if (route?.type === 'items') {
    const { version, resource } = route;
    const longRunning = reads && route.name === undefined && isWatch(query);
    const verb = reads ? readingVerb(route, longRunning) : changingVerb(method);
    const labels = { group: groupName, version, resource: resource.name, subresource: '' };
    return { verb, ...labels, scope: scopeOf(route), load, longRunning };
  }
  const verb = reads ? 'GET' : changingVerb(method);
  const labels = { group: '', version: '', resource: '', subresource: knownPath(path), scope: '' } as const;
  return { verb, ...labels, load, longRunning: false };
}

function readingVerb({ name }: ItemsRoute, longRunning: boolean): string {
  if (longRunning) return 'WATCH';
  return name === undefined ? 'LIST' : 'GET';
}

function changingVerb(method: string): string {
  return changingMethods.includes(method) ? method : 'other';
}

function scopeOf({ name, namespace }: ItemsRoute): RequestKind['scope'] {
  if (name !== undefined) return 'resource';
  return namespace === undefined ? 'cluster' : 'namespace';
}

/** Paths below one of ours count with it. */
function knownPath(path: string): string {
  return (
    [...healthPaths, ...otherPaths].find((known) => path === known || path.startsWith(`${known}/`)) ?? 'other'
  );
}
