import type { ApiRequest, ApiResponse } from './api-message.ts';
import { type Document, respond } from './document.ts';
import { matchesFields } from './field-selector.ts';
import { itemJson, listJson, objectJson } from './json-items.ts';
import { matchesLabels } from './label-selector.ts';
import { type ListOptions, parseListOptions } from './list-options.ts';
import { groupVersion } from './metrics-group.ts';
import { itemTransforms, negotiate, type Transform } from './negotiation.ts';
import { partialObjectMetadata, partialObjectMetadataList } from './partial-object-metadata.ts';
import { listProtobuf, objectProtobuf } from './protobuf-items.ts';
import type { ItemsRoute } from './route-path.ts';
import { metricsNotFound, notAcceptable, ownerNotFound, watchNotSupported } from './status.ts';
import { table } from './table.ts';
import { isPodUsage, type UsageItem, type UsageReader } from './usage-reader.ts';

/** GET of a list or of one item, in the form that was asked for. */
export function respondItems(route: ItemsRoute, request: ApiRequest, reader: UsageReader): ApiResponse {
  const form = negotiate(request, itemTransforms);
  if (form === undefined) throw notAcceptable();
  const { name } = route;
  const found = name === undefined ? listItems(route, request.query, reader) : [getItem(route, name, reader)];
  const document =
    form.transform === undefined
      ? untransformed(route, found)
      : transformed(route, found, form.transform, request.query.get('includeObject') ?? '');
  return respond(200, document, form);
}

function listItems(route: ItemsRoute, query: URLSearchParams, reader: UsageReader): readonly UsageItem[] {
  const options = parseListOptions(query);
  if (options.watch) throw watchNotSupported(route.resource);
  const items = route.resource.name === 'nodes' ? reader.nodes() : reader.pods(route.namespace);
  return selects(options) ? items.filter((item) => isSelected(item, options)) : items;
}

function selects({ labelSelector, fieldSelector }: ListOptions): boolean {
  return labelSelector.length > 0 || fieldSelector.length > 0;
}

function isSelected(item: UsageItem, { labelSelector, fieldSelector }: ListOptions): boolean {
  const namespace = isPodUsage(item) ? item.namespace : '';
  return matchesFields(fieldSelector, item.name, namespace) && matchesLabels(labelSelector, item.labels);
}

function getItem({ resource, namespace = '' }: ItemsRoute, name: string, reader: UsageReader): UsageItem {
  const isNode = resource.name === 'nodes';
  const item = isNode ? reader.node(name) : reader.pod(namespace, name);
  if (item === 'unknown') throw ownerNotFound(resource, name);
  if (item === 'no-metrics') throw metricsNotFound(resource, isNode ? name : `${namespace}/${name}`);
  return item;
}

function untransformed({ version, resource, name }: ItemsRoute, items: readonly UsageItem[]): Document {
  const apiVersion = groupVersion(version);
  const [item] = items;
  if (name !== undefined && item !== undefined) {
    return {
      json: () => objectJson(apiVersion, resource.kind, item),
      protobuf: () => objectProtobuf(apiVersion, resource.kind, item),
    };
  }
  const listKind = `${resource.kind}List`;
  return {
    json: () => listJson(apiVersion, listKind, items.map(itemJson)),
    protobuf: () => listProtobuf(apiVersion, listKind, items),
  };
}

function transformed(
  { version, resource, name }: ItemsRoute,
  items: readonly UsageItem[],
  { kind, group, version: metaVersion }: Transform,
  includeObject: string,
): Document {
  const apiVersion = `${group}/${metaVersion}`;
  if (kind === 'Table') {
    const object = { apiVersion: groupVersion(version), kind: resource.kind };
    return table({ apiVersion, object, includeObject, items });
  }
  const wanted = `you requested ${kind}, but the requested object is`;
  const [item] = items;
  if (kind === 'PartialObjectMetadataList') {
    // Kubernetes names its Go type; clients show the message.
    if (name !== undefined) throw notAcceptable(`${wanted} not a list (*metrics.${resource.kind})`);
    return partialObjectMetadataList(apiVersion, items);
  }
  if (name === undefined || item === undefined) {
    throw notAcceptable(`${wanted} a list (*metrics.${resource.kind}List)`);
  }
  return partialObjectMetadata(apiVersion, item);
}
