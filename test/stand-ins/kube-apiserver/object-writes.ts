import type { IncomingMessage } from 'node:http';
import type { KubeObject, ObjectStore } from './object-store.ts';
import type { ResourceRequest } from './request-info.ts';
import { apiVersionOf, type ResourceType } from './resource-types.ts';
import { readJson } from './respond.ts';
import { badRequest, notFound } from './status.ts';

const mergePatchType = 'application/merge-patch+json';

/**
 * PUT and PATCH (RFC 7386 merge patches only) of an object that exists: what the aggregator does to its own objects.
 * A resourceVersion in the body must be the latest.
 * @throws StatusError 400, 404, 409, 413 or 415
 */
export async function writeObject(
  store: ObjectStore,
  type: ResourceType,
  verb: 'update' | 'patch',
  { name, namespace }: ResourceRequest,
  request: IncomingMessage,
): Promise<KubeObject> {
  const body = await readJson(request, verb === 'update' ? 'application/json' : mergePatchType);
  const stored = store.get(type.resource, name, type.namespaced ? namespace : undefined);
  if (!stored) throw notFound(type.group, type.resource, name);
  const object = (verb === 'update' ? body : mergePatch(stored, body)) as KubeObject;
  const given = object?.metadata;
  if (given?.name !== name || (given.namespace ?? '') !== (stored.metadata.namespace ?? '')) {
    throw badRequest(`the name of the object does not match the name on the URL (${name})`);
  }
  if (object.apiVersion !== apiVersionOf(type) || object.kind !== type.kind) {
    throw badRequest(`the object provided is unrecognized: expected ${type.kind} of ${apiVersionOf(type)}`);
  }
  // Status belongs to whoever controls the object; a write of the main resource leaves it alone.
  const { status: _, ...rest } = object;
  return store.update(type.resource, {
    ...rest,
    ...(stored['status'] !== undefined && { status: stored['status'] }),
  });
}

/** RFC 7386: null removes, objects merge, all else replaces. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
