import { itemJsonBound, jsonAnswer, writeItemJson } from './encode/json-item.ts';
import { itemProtobufBound, protobufAnswer, writeListElement } from './encode/protobuf-item.ts';
import { type ListDocument, listBody } from './lists/list-document.ts';
import type { Listed } from './lists/list-pieces.ts';
import { objectDocument } from './lists/object-document.ts';
import { partialObjectMetadata, partialObjectMetadataList } from './lists/partial-object-metadata.ts';
import { itemTable, listTable, readIncludeObject, swapColumn } from './lists/table.ts';
import type { UsageReader } from './measured/entries.ts';
import type { Entry, Sample } from './measured/entry.ts';
import type { ApiRequest, ApiResponse } from './protocol/api-message.ts';
import { respond } from './protocol/document.ts';
import { listMeta } from './protocol/k8s-protobuf.ts';
import { groupVersion } from './protocol/metrics-group.ts';
import { itemTransforms, negotiate, type OutputForm } from './protocol/negotiation.ts';
import type { ItemsRoute } from './protocol/route-path.ts';
import { metricsNotFound, notAcceptable, ownerNotFound, watchNotSupported } from './protocol/status.ts';
import { parseListOptions } from './selectors/list-options.ts';
import { select } from './selectors/selection.ts';
import { respondWatch } from './watch/watch-items.ts';
import type { Watches } from './watch/watches.ts';

export interface ItemsOptions {
  readonly reader: UsageReader;
  readonly wallMs: () => number;
  /** Whether lists and their items say a resourceVersion, so that clients who see it may watch from there. */
  readonly revisions: boolean;
  /** Told of each sample that is served. @param nowMs the time, where it is known: a list asks the clock once */
  readonly served: (sample: Sample, nowMs?: number) => void;
  /** Absent: every watch is refused, as metrics-server does. */
  readonly watches?: Watches;
}

const uncached = { 'Cache-Control': 'no-cache, private' };

/** GET of a list or of one item, in the form that was asked for. */
export function respondItems(route: ItemsRoute, request: ApiRequest, options: ItemsOptions): ApiResponse {
  const form = negotiate(request, itemTransforms);
  if (form === undefined) throw notAcceptable();
  return route.name === undefined
    ? respondList(route, request, options, form)
    : respondItem(route, route.name, request, options, form);
}

function respondItem(
  { version, resource, namespace = '' }: ItemsRoute,
  name: string,
  request: ApiRequest,
  { reader, wallMs, revisions, served }: ItemsOptions,
  form: OutputForm,
): ApiResponse {
  const isNode = resource.name === 'nodes';
  const entry = isNode ? reader.node(name) : reader.pod(namespace, name);
  if (entry === 'unknown') throw ownerNotFound(resource, name);
  const sample = entry === 'no-metrics' ? undefined : reader.samplesNow()(entry);
  if (entry === 'no-metrics' || sample === undefined) {
    throw metricsNotFound(resource, isNode ? name : `${namespace}/${name}`);
  }
  served(sample);
  const object = { apiVersion: groupVersion(version), kind: resource.kind };
  const answer = { nowMs: wallMs(), revisions };
  const { transform } = form;
  if (transform === undefined) return respond(200, objectDocument(object, entry, sample, answer), form);
  const apiVersion = `${transform.group}/${transform.version}`;
  if (transform.kind === 'Table') {
    const includeObject = readIncludeObject(request.query);
    return respond(200, itemTable({ apiVersion, object, includeObject, answer }, entry, sample), form);
  }
  if (transform.kind === 'PartialObjectMetadataList') {
    // Kubernetes names its Go type; clients show the message.
    throw notAcceptable(`${requested(transform.kind)} not a list (*metrics.${resource.kind})`);
  }
  return respond(200, partialObjectMetadata(apiVersion, entry, answer), form);
}

function respondList(
  route: ItemsRoute,
  request: ApiRequest,
  { reader, wallMs, revisions, served, watches }: ItemsOptions,
  form: OutputForm,
): ApiResponse {
  const { version, resource } = route;
  const options = parseListOptions(request.query);
  if (options.watch) {
    if (watches === undefined) throw watchNotSupported(resource);
    return respondWatch(route, request, options, { reader, wallMs, watches }, form);
  }
  const revision = revisions ? String(reader.revision()) : '';
  const nowMs = wallMs();
  const listed: Listed = {
    ...select(reader, route, options),
    sampleOf: reader.samplesNow(),
    served: (sample) => served(sample, nowMs),
  };
  const answer = { nowMs, revisions };
  const headers = { ...uncached, 'Content-Type': form.mediaType };
  const respondWith = (document: ListDocument) => ({
    status: 200,
    headers,
    body: listBody(document, listed, form),
  });
  const { transform } = form;
  const object = { apiVersion: groupVersion(version), kind: resource.kind };
  if (transform === undefined) return respondWith(metricsList(object, answer, revision));
  const apiVersion = `${transform.group}/${transform.version}`;
  if (transform.kind === 'Table') {
    const includeObject = readIncludeObject(request.query);
    const table = { apiVersion, object, includeObject, answer };
    return { status: 200, headers, body: tableBody() };
    // What columns there are depends on the items: a second look at them, with its own pauses.
    function* tableBody() {
      const hasSwap = yield* swapColumn(listed, reader.knowsSwap());
      yield* listBody(listTable(table, revision, hasSwap), listed, form);
    }
  }
  if (transform.kind === 'PartialObjectMetadata') {
    throw notAcceptable(`${requested(transform.kind)} a list (*metrics.${resource.kind}List)`);
  }
  return respondWith(partialObjectMetadataList(apiVersion, answer, revision));
}

function metricsList(
  { apiVersion, kind: itemKind }: { readonly apiVersion: string; readonly kind: string },
  { nowMs, revisions }: { readonly nowMs: number; readonly revisions: boolean },
  revision: string,
): ListDocument {
  const json = jsonAnswer(nowMs, revisions);
  const protobuf = protobufAnswer(nowMs, revisions);
  const kind = `${itemKind}List`;
  return {
    head: { kind, apiVersion, metadata: revision === '' ? {} : { resourceVersion: revision } },
    member: 'items',
    json: {
      bound: itemJsonBound,
      write: (out, offset, entry: Entry, sample) => writeItemJson(out, offset, entry, sample, json),
    },
    protobuf: {
      apiVersion,
      kind,
      start: listMeta(revision),
      form: {
        bound: itemProtobufBound,
        write: (out, offset, entry, sample) => writeListElement(out, offset, entry, sample, protobuf),
      },
    },
  };
}

function requested(kind: string): string {
  return `you requested ${kind}, but the requested object is`;
}
