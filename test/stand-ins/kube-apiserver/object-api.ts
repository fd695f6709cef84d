import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KubeObject, ObjectStore } from './object-store.ts';
import { writeObject } from './object-writes.ts';
import { isTrue, type RequestInfo, type ResourceRequest } from './request-info.ts';
import { apiVersionOf, type ResourceType } from './resource-types.ts';
import { respondJson } from './respond.ts';
import { parseFieldSelector, parseLabelSelector } from './selectors.ts';
import { badRequest, methodNotAllowed, notFound } from './status.ts';
import { parseResourceVersion, streamWatch } from './watch-stream.ts';

export interface ObjectApi {
  store: ObjectStore;
  bookmarkIntervalMs: number;
  /** Ends every watch. */
  signal: AbortSignal;
}

/** Without timeoutSeconds kube-apiserver ends a watch after a random time from this up to its double. */
const minWatchSeconds = 1800;

/** GET, LIST, WATCH, PUT and PATCH of stored objects. What comes and goes is decided at the store. @throws StatusError */
export async function serveObjects(
  { store, bookmarkIntervalMs, signal }: ObjectApi,
  type: ResourceType,
  { verb, query }: RequestInfo,
  resource: ResourceRequest,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { name, namespace, subresource, isObject } = resource;
  if (subresource !== '') throw notFound(type.group, `${type.resource}/${subresource}`, name);
  if (isObject) {
    if (verb === 'update' || verb === 'patch') {
      respondJson(response, 200, await writeObject(store, type, verb, resource, request));
      return;
    }
    if (verb !== 'get') throw methodNotAllowed();
    const object = store.get(type.resource, name, type.namespaced ? namespace : undefined);
    if (!object) throw notFound(type.group, type.resource, name);
    respondJson(response, 200, object);
    return;
  }

  const matches = selection(type, namespace, query);
  const resourceVersion = parseResourceVersion(query.get('resourceVersion'));
  if (verb === 'list') {
    respondJson(response, 200, list(store, type, matches, query));
  } else if (verb === 'watch') {
    const timeoutSeconds = wholeNumber(query, 'timeoutSeconds') || minWatchSeconds * (1 + Math.random());
    const sendInitialEvents = isTrue(query.get('sendInitialEvents'));
    const allowBookmarks = isTrue(query.get('allowWatchBookmarks'));
    const options = {
      resourceVersion,
      timeoutSeconds,
      sendInitialEvents,
      allowBookmarks,
      bookmarkIntervalMs,
    };
    streamWatch({ store, type }, { matches, ...options }, response, signal);
  } else {
    throw methodNotAllowed();
  }
}

function list(
  store: ObjectStore,
  type: ResourceType,
  matches: (object: KubeObject) => boolean,
  query: URLSearchParams,
): unknown {
  const limit = wholeNumber(query, 'limit');
  const token = query.get('continue');
  const page = token ? store.listMore(token, limit) : store.list(type.resource, matches, limit);
  // The count is not known to a server that would have to evaluate selectors for it, so it is left out then.
  const counted = !query.get('labelSelector') && !query.get('fieldSelector');
  const metadata = {
    resourceVersion: String(page.resourceVersion),
    ...(page.continue !== undefined && { continue: page.continue }),
    ...(page.continue !== undefined && counted && { remainingItemCount: page.remainingItemCount }),
  };
  // Items of a list carry neither kind nor apiVersion: the list says them once.
  const items = page.items.map(({ kind: _kind, apiVersion: _apiVersion, ...item }) => item);
  return { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata, items };
}

function selection(
  type: ResourceType,
  namespace: string,
  query: URLSearchParams,
): (object: KubeObject) => boolean {
  const byLabel = parseLabelSelector(query.get('labelSelector') ?? '');
  const byField = parseFieldSelector(query.get('fieldSelector') ?? '', type.fieldLabels);
  return (object) =>
    (namespace === '' || object.metadata.namespace === namespace) && byLabel(object) && byField(object);
}

/** 0 when absent. @throws StatusError 400 */
function wholeNumber(query: URLSearchParams, key: string): number {
  const value = query.get(key) || '0';
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw badRequest(`Invalid value of ${key}: expected a whole number, found "${value}"`);
}
