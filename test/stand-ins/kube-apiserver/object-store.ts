import { randomUUID } from 'node:crypto';
import { apiVersionOf, type ResourceType } from './resource-types.ts';
import { alreadyExists, conflict, expired, notFound } from './status.ts';

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  creationTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  [field: string]: unknown;
}

export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: string;
  resourceVersion: number;
  /** The object after the change; for DELETED its last state, carrying the version of the deletion. */
  object: KubeObject;
  previous?: KubeObject;
}

export interface ListPage {
  items: readonly KubeObject[];
  resourceVersion: number;
  /** Present when more items follow; good for one call. */
  continue?: string;
  remainingItemCount: number;
}

/**
 * The cluster's objects, keyed by the plural of their resource. One counter of resourceVersions serves all of them, as in
 * etcd. Objects handed in are copied, objects handed out must not be changed.
 */
export interface ObjectStore {
  /** Fills kind, apiVersion, uid, creationTimestamp and resourceVersion. @throws StatusError 409 */
  create(resource: string, object: KubeObject): KubeObject;
  /** Replaces the whole object. @throws StatusError 404, or 409 when a resourceVersion is given that is not the latest */
  update(resource: string, object: KubeObject): KubeObject;
  /** @throws StatusError 404 */
  delete(resource: string, name: string, namespace?: string): void;
  get(resource: string, name: string, namespace?: string): KubeObject | undefined;
  /** Sorted by namespace and name. */
  list(resource: string, matches?: (object: KubeObject) => boolean, limit?: number): ListPage;
  /** The next page of the same snapshot. @throws StatusError 410 when the snapshot is gone */
  listMore(token: string, limit?: number): ListPage;
  resourceVersion(): number;
  /** Changes of one resource after a version, oldest first. @throws StatusError 410 when history starts later */
  eventsSince(resource: string, resourceVersion: number): StoreEvent[];
  /** Calls back on every change from now on; returns what ends it. */
  subscribe(listener: (event: StoreEvent) => void): () => void;
  /** What compaction does in etcd: a watch from any version before the current one is answered with 410. */
  compact(): void;
}

/** How many unfinished paged lists are remembered; the oldest expires first. */
const snapshotLimit = 100;

export function createObjectStore(
  { now }: { now: () => Date },
  { types, historyLimit = 1000 }: { types: readonly ResourceType[]; historyLimit?: number },
): ObjectStore {
  const collections = new Map(types.map((type) => [type.resource, new Map<string, KubeObject>()]));
  const snapshots = new Map<string, { items: readonly KubeObject[]; resourceVersion: number }>();
  const listeners = new Set<(event: StoreEvent) => void>();
  let history: StoreEvent[] = [];
  let version = 1;
  /** Everything after this version is in history. */
  let compactedVersion = version;

  function collectionOf(resource: string): { type: ResourceType; objects: Map<string, KubeObject> } {
    const type = types.find((candidate) => candidate.resource === resource);
    const objects = collections.get(resource);
    if (!type || !objects) {
      throw new TypeError(
        `Cannot store "${resource}": expected one of ${[...collections.keys()].join(', ')}`,
      );
    }
    return { type, objects };
  }

  function record(event: Omit<StoreEvent, 'resourceVersion'>): void {
    const recorded = { ...event, resourceVersion: version };
    history.push(recorded);
    if (history.length > historyLimit)
      compactedVersion = history.shift()?.resourceVersion ?? compactedVersion;
    for (const listener of listeners) listener(recorded);
  }

  /** A copy with the identity that the server gives it. */
  function stamped(type: ResourceType, object: KubeObject, identity: Partial<ObjectMeta>): KubeObject {
    version += 1;
    const { metadata, ...rest } = structuredClone(object);
    return {
      ...rest,
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: { ...metadata, ...identity, resourceVersion: String(version) },
    };
  }

  function page(items: readonly KubeObject[], resourceVersion: number, limit: number): ListPage {
    const rest = limit > 0 ? items.slice(limit) : [];
    if (rest.length === 0) return { items, resourceVersion, remainingItemCount: 0 };
    const token = randomUUID();
    snapshots.set(token, { items: rest, resourceVersion });
    const [oldest] = snapshots.keys();
    if (snapshots.size > snapshotLimit && oldest !== undefined) snapshots.delete(oldest);
    return {
      items: items.slice(0, limit),
      resourceVersion,
      continue: token,
      remainingItemCount: rest.length,
    };
  }

  return {
    create(resource, object) {
      const { type, objects } = collectionOf(resource);
      const { name, namespace, uid, creationTimestamp } = object.metadata;
      if (objects.has(keyOf(name, namespace))) throw alreadyExists(type.group, resource, name);
      const created = stamped(type, object, {
        uid: uid ?? randomUUID(),
        creationTimestamp:
          creationTimestamp ??
          now()
            .toISOString()
            .replace(/\.\d+Z$/, 'Z'),
      });
      objects.set(keyOf(name, namespace), created);
      record({ type: 'ADDED', resource, object: created });
      return created;
    },

    update(resource, object) {
      const { type, objects } = collectionOf(resource);
      const { name, namespace, resourceVersion } = object.metadata;
      const previous = objects.get(keyOf(name, namespace));
      if (!previous) throw notFound(type.group, resource, name);
      const { uid, creationTimestamp, resourceVersion: latest } = previous.metadata;
      if (resourceVersion && resourceVersion !== latest) throw conflict(type.group, resource, name);
      const updated = stamped(type, object, {
        ...(uid && { uid }),
        ...(creationTimestamp && { creationTimestamp }),
      });
      objects.set(keyOf(name, namespace), updated);
      record({ type: 'MODIFIED', resource, object: updated, previous });
      return updated;
    },

    delete(resource, name, namespace) {
      const { type, objects } = collectionOf(resource);
      const previous = objects.get(keyOf(name, namespace));
      if (!previous) throw notFound(type.group, resource, name);
      objects.delete(keyOf(name, namespace));
      record({ type: 'DELETED', resource, object: stamped(type, previous, {}), previous });
    },

    get: (resource, name, namespace) => collectionOf(resource).objects.get(keyOf(name, namespace)),

    list(resource, matches = () => true, limit = 0) {
      const sorted = [...collectionOf(resource).objects].sort(([a], [b]) => (a < b ? -1 : 1));
      return page(sorted.map(([, object]) => object).filter(matches), version, limit);
    },

    listMore(token, limit = 0) {
      const snapshot = snapshots.get(token);
      if (!snapshot) {
        throw expired(
          'The provided continue parameter is too old to display a consistent list result. You must start a new list ' +
            'without the continue parameter.',
        );
      }
      snapshots.delete(token);
      return page(snapshot.items, snapshot.resourceVersion, limit);
    },

    resourceVersion: () => version,

    eventsSince(resource, since) {
      collectionOf(resource);
      if (since < compactedVersion) throw expired(`too old resource version: ${since} (${compactedVersion})`);
      return history.filter((event) => event.resource === resource && event.resourceVersion > since);
    },

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    compact() {
      history = [];
      compactedVersion = version;
    },
  };
}

function keyOf(name: string, namespace = ''): string {
  return `${namespace}/${name}`;
}
