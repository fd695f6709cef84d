import { jsonAnswer } from '../encode/json-item.ts';
import { protobufAnswer } from '../encode/protobuf-item.ts';
import type { ObjectKind } from '../lists/object-document.ts';
import { partialJson } from '../lists/partial-object-metadata.ts';
import { readIncludeObject, type TableRequest } from '../lists/table.ts';
import type { UsageReader } from '../measured/entries.ts';
import type { ApiRequest, ApiResponse } from '../protocol/api-message.ts';
import { groupVersion } from '../protocol/metrics-group.ts';
import type { OutputForm } from '../protocol/negotiation.ts';
import type { ItemsRoute } from '../protocol/route-path.ts';
import { notAcceptable } from '../protocol/status.ts';
import type { ListOptions } from '../selectors/list-options.ts';
import type { EventForm } from './watch-event.ts';
import { jsonEvents, partialObject, tableObject, wholeObject } from './watch-json-events.ts';
import { parseWatchOptions } from './watch-options.ts';
import { partialMessage, protobufEvents, wholeMessage } from './watch-protobuf-events.ts';
import { WatchSelection } from './watch-selection.ts';
import type { Watches } from './watches.ts';

export interface WatchItemsOptions {
  readonly reader: UsageReader;
  readonly wallMs: () => number;
  readonly watches: Watches;
}

/** A watch of a list, in the form that was agreed on. Its events always say a resourceVersion. */
export function respondWatch(
  route: ItemsRoute,
  request: ApiRequest,
  list: ListOptions,
  { reader, wallMs, watches }: WatchItemsOptions,
  form: OutputForm,
): ApiResponse {
  const { version, resource } = route;
  const options = parseWatchOptions(request.query, resource);
  const object = { apiVersion: groupVersion(version), kind: resource.kind };
  const events = eventForm(object, request, form, wallMs, reader.knowsSwap());
  const body = watches.begin({ ...options, selection: new WatchSelection(route, list), form: events });
  const { mediaType } = form;
  const contentType = mediaType === 'application/json' ? mediaType : `${mediaType};stream=watch`;
  return {
    status: 200,
    headers: { 'Cache-Control': 'no-cache, private', 'Content-Type': contentType },
    body,
  };
}

/** @param swap whether a Table has a column of the swap */
function eventForm(
  object: ObjectKind,
  request: ApiRequest,
  { mediaType, transform }: OutputForm,
  wallMs: () => number,
  swap: boolean,
): EventForm {
  const partialVersion = transform === undefined ? undefined : `${transform.group}/${transform.version}`;
  if (transform?.kind === 'PartialObjectMetadataList') {
    const found = `not a list (*metrics.${object.kind})`;
    throw notAcceptable(`you requested ${transform.kind}, but the requested object is ${found}`);
  }
  if (mediaType === 'application/vnd.kubernetes.protobuf') {
    const answer = eachSecond(wallMs, (nowMs) => protobufAnswer(nowMs, true));
    const message =
      partialVersion === undefined ? wholeMessage(object, answer) : partialMessage(partialVersion, answer);
    return protobufEvents(message);
  }
  const includeObject = transform?.kind === 'Table' ? readIncludeObject(request.query) : 'None';
  if (mediaType !== 'application/json') throw notAcceptable(onlyStreamed);
  if (partialVersion === undefined) {
    return jsonEvents(
      wholeObject(
        object,
        eachSecond(wallMs, (nowMs) => jsonAnswer(nowMs, true)),
      ),
    );
  }
  if (transform?.kind === 'Table') {
    const table = eachSecond(wallMs, (nowMs): TableRequest => {
      return { apiVersion: partialVersion, object, includeObject, answer: { nowMs, revisions: true } };
    });
    return jsonEvents(tableObject(table, swap));
  }
  const partial = eachSecond(wallMs, (nowMs) => partialJson(partialVersion, jsonAnswer(nowMs, true)));
  return jsonEvents(partialObject(partialVersion, partial));
}

const onlyStreamed =
  'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

/** Made anew when the second has changed: more exactly no object says its creationTimestamp. */
function eachSecond<T>(wallMs: () => number, make: (nowMs: number) => T): () => T {
  let second: number | undefined;
  let made: T | undefined;
  return () => {
    const nowMs = wallMs();
    const now = Math.floor(nowMs / 1000);
    if (made === undefined || now !== second) {
      second = now;
      made = make(nowMs);
    }
    return made;
  };
}
