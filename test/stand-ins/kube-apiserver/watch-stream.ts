import type { ServerResponse } from 'node:http';
import type { KubeObject, ObjectStore, StoreEvent } from './object-store.ts';
import { apiVersionOf, type ResourceType } from './resource-types.ts';
import { badRequest, StatusError } from './status.ts';

export interface WatchOptions {
  matches: (object: KubeObject) => boolean;
  /** Starts after this version; undefined or 0 starts with an ADDED for each object that is there. */
  resourceVersion: number | undefined;
  /** With bookmarks: the initial ADDED events end in a bookmark that says so (client-go's streaming lists). */
  sendInitialEvents: boolean;
  allowBookmarks: boolean;
  timeoutSeconds: number;
  bookmarkIntervalMs: number;
}

/** Streams the changes of one resource as JSON lines until the timeout, the client's leaving, or the signal. */
export function streamWatch(
  { store, type }: { store: ObjectStore; type: ResourceType },
  options: WatchOptions,
  response: ServerResponse,
  signal: AbortSignal,
): void {
  const { matches, resourceVersion, allowBookmarks } = options;
  const send = (kind: string, object: unknown) =>
    response.write(`${JSON.stringify({ type: kind, object })}\n`);
  const bookmark = (annotations?: Record<string, string>) =>
    send('BOOKMARK', {
      kind: type.kind,
      apiVersion: apiVersionOf(type),
      metadata: { resourceVersion: String(store.resourceVersion()), ...(annotations && { annotations }) },
    });
  const forward = (event: StoreEvent) => {
    if (event.resource !== type.resource) return;
    const seen = asSeenThrough(matches, event);
    if (seen) send(seen.type, seen.object);
  };

  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
  response.flushHeaders();
  try {
    if (!resourceVersion || options.sendInitialEvents) {
      for (const object of store.list(type.resource, matches).items) send('ADDED', object);
      if (options.sendInitialEvents && allowBookmarks) bookmark({ 'k8s.io/initial-events-end': 'true' });
    } else {
      store.eventsSince(type.resource, resourceVersion).forEach(forward);
    }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    send('ERROR', error.status);
    response.end();
    return;
  }

  const unsubscribe = store.subscribe(forward);
  const bookmarks = allowBookmarks && setInterval(bookmark, options.bookmarkIntervalMs);
  const timeout = setTimeout(end, options.timeoutSeconds * 1000);
  signal.addEventListener('abort', end, { once: true });
  response.once('close', stop);

  function stop(): void {
    unsubscribe();
    if (bookmarks) clearInterval(bookmarks);
    clearTimeout(timeout);
    signal.removeEventListener('abort', end);
  }

  function end(): void {
    stop();
    // The last bookmark lets the client's next watch start where this one ends.
    if (allowBookmarks) bookmark();
    response.end();
  }
}

/**
 * A change as a watcher with a selector sees it: an object that leaves the selection is deleted for him, in its last
 * selected state but with the version of the change; one that enters it is added.
 */
export function asSeenThrough(
  matches: (object: KubeObject) => boolean,
  { type, object, previous, resourceVersion }: StoreEvent,
): Pick<StoreEvent, 'type' | 'object'> | undefined {
  const was = previous !== undefined && matches(previous);
  const is = type !== 'DELETED' && matches(object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object };
  if (!was) return undefined;
  const metadata = { ...previous.metadata, resourceVersion: String(resourceVersion) };
  return { type: 'DELETED', object: { ...previous, metadata } };
}

/** @throws StatusError 400 for anything but a whole number; undefined when absent or empty */
export function parseResourceVersion(value: string | null): number | undefined {
  if (!value) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw badRequest(`Invalid value: "${value}": expected a resourceVersion of digits`);
}
