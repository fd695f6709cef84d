import { pinnedName } from './selectors.ts';
import { badRequest } from './status.ts';

/** What a request is about, as Kubernetes reads it from method, path and query. */
export interface RequestInfo {
  path: string;
  query: URLSearchParams;
  /** get, list, watch, create, update, patch, delete, deletecollection; for a non-resource path the method. */
  verb: string;
  /** Absent for a non-resource path such as /apis/metrics.k8s.io/v1. */
  resource?: ResourceRequest;
}

export interface ResourceRequest {
  group: string;
  version: string;
  resource: string;
  subresource: string;
  /** Empty for a cluster-wide request. */
  namespace: string;
  /** Empty for a collection, unless a fieldSelector pins metadata.name. */
  name: string;
  /** Whether the path names one object (a pinned name does not make it so). */
  isObject: boolean;
}

const verbs: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** @throws StatusError 400 for a path with a broken percent-encoding */
export function parseRequest(method: string, target: string): RequestInfo {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  const resource = parseResource(path, query);
  const verb = resource ? resourceVerb(method, resource, query) : method.toLowerCase();
  return { path, query, verb, ...(resource && { resource }) };
}

/** `/api/v1/…` and `/apis/<group>/<version>/…`, the latter two with at least one more segment. */
function parseResource(path: string, query: URLSearchParams): ResourceRequest | undefined {
  const segments = path.split('/').filter(Boolean).map(decodeSegment);
  const prefix = segments.shift();
  if (prefix !== 'api' && prefix !== 'apis') return undefined;
  const group = prefix === 'apis' ? segments.shift() : '';
  const version = segments.shift();
  if (group === undefined || version === undefined || segments.length === 0) return undefined;

  let namespace = '';
  if (segments[0] === 'namespaces' && segments[1] !== undefined) {
    namespace = segments[1];
    // /namespaces/x/status is about the namespace itself, /namespaces/x/pods is not.
    const ofNamespace = segments[2] === undefined || segments[2] === 'status' || segments[2] === 'finalize';
    if (!ofNamespace) segments.splice(0, 2);
  }
  const [resource = '', name = '', subresource = ''] = segments;
  const pinned = name === '' ? pinnedName(query.get('fieldSelector') ?? '') : undefined;
  return {
    group,
    version,
    resource,
    subresource,
    namespace,
    name: name || pinned || '',
    isObject: name !== '',
  };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`Cannot read the path: expected a valid percent-encoding, found "${segment}"`);
  }
}

function resourceVerb(method: string, { isObject }: ResourceRequest, query: URLSearchParams): string {
  if (method === 'GET' || method === 'HEAD') {
    if (isObject) return 'get';
    return isTrue(query.get('watch')) ? 'watch' : 'list';
  }
  if (method === 'DELETE' && !isObject) return 'deletecollection';
  return verbs[method] ?? '';
}

/** Booleans of Kubernetes queries: present and neither `false` nor `0`; `watch=` alone counts as true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}
