import { longestNumberBytes, writeBytes, writeDecimal, writeFew } from '../encode/bytes.ts';
import { itemJsonBound, type JsonAnswer, writeItemJson } from '../encode/json-item.ts';
import type { ItemForm } from '../lists/list-pieces.ts';
import type { ObjectKind } from '../lists/object-document.ts';
import { columns, row, type TableRequest } from '../lists/table.ts';
import type { Entry, Sample } from '../measured/entry.ts';
import { statusDocument } from '../protocol/status.ts';
import { goJson } from '../text/go-json.ts';
import { type BookmarkMetadata, bookmarkMetadata, type ChangeType, type EventForm } from './watch-event.ts';

/** What stands for an object in an event. */
export interface JsonEventObject extends ItemForm {
  /** JSON of the object of a bookmark. */
  bookmark(metadata: BookmarkMetadata): string;
}

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const starts: Readonly<Record<ChangeType, Uint8Array>> = {
  ADDED: ascii('{"type":"ADDED","object":'),
  MODIFIED: ascii('{"type":"MODIFIED","object":'),
  DELETED: ascii('{"type":"DELETED","object":'),
};
const end = ascii('}\n');
const frameBytes = starts.MODIFIED.length + end.length;

/** One event a line. */
export function jsonEvents(object: JsonEventObject): EventForm {
  return {
    bound: (entry, sample) => frameBytes + object.bound(entry, sample),
    write(out, offset, type, entry, sample) {
      const behind = object.write(out, writeFew(out, offset, starts[type]), entry, sample);
      return writeFew(out, behind, end);
    },
    bookmark: (revision, initialEnd) =>
      line('BOOKMARK', object.bookmark(bookmarkMetadata(revision, initialEnd))),
    error: (status) => line('ERROR', statusDocument(status).json()),
  };
}

function line(type: string, object: string): Uint8Array {
  return Buffer.from(`{"type":"${type}","object":${object}}\n`);
}

/** NodeMetrics or PodMetrics. @param answer is asked for each event anew */
export function wholeObject({ apiVersion, kind }: ObjectKind, answer: () => JsonAnswer): JsonEventObject {
  const start = ascii(`{"kind":"${kind}","apiVersion":"${apiVersion}",`);
  return {
    bound: (entry, sample) => start.length + itemJsonBound(entry, sample),
    write(out, offset, entry, sample) {
      // The item's own opening brace falls onto the comma and gives it its place back.
      const comma = writeBytes(out, offset, start) - 1;
      const behind = writeItemJson(out, comma, entry, sample, answer());
      out[comma] = 0x2c;
      return behind;
    },
    bookmark(metadata) {
      const empty = kind === 'NodeMetrics' ? { usage: null } : { containers: null };
      return goJson({ kind, apiVersion, metadata, timestamp: null, window: '0s', ...empty });
    },
  };
}

/** PartialObjectMetadata. @param form of one such object */
export function partialObject(apiVersion: string, form: () => ItemForm): JsonEventObject {
  return {
    bound: (entry, sample) => form().bound(entry, sample),
    write: (out, offset, entry, sample) => form().write(out, offset, entry, sample),
    bookmark: (metadata) => goJson({ kind: 'PartialObjectMetadata', apiVersion, metadata }),
  };
}

/**
 * A Table of one row. As apiserver does it, only the first event says the columns; whether the swap is among them is
 * settled for the whole watch.
 * @param table is asked for each event anew
 */
export function tableObject(table: () => TableRequest, swap: boolean): JsonEventObject {
  const { apiVersion, object, includeObject } = table();
  const start = ascii(`{"kind":"Table","apiVersion":"${apiVersion}","metadata":{"resourceVersion":"`);
  const first = ascii(`"},"columnDefinitions":${goJson(columns(swap))},"rows":[`);
  const later = ascii('"},"columnDefinitions":null,"rows":[');
  const behindRow = ascii(']}');
  const headBytes = start.length + longestNumberBytes + first.length + behindRow.length;
  let definitions = first;
  let current = table();
  let rowForm = row(current, swap);
  const latestRow = () => {
    const latest = table();
    if (latest !== current) {
      current = latest;
      rowForm = row(latest, swap);
    }
    return rowForm;
  };
  return {
    bound: (entry: Entry, sample: Sample) => headBytes + latestRow().bound(entry, sample),
    write(out, offset, entry, sample) {
      let behind = writeDecimal(out, writeBytes(out, offset, start), entry.revision);
      behind = writeBytes(out, behind, definitions);
      definitions = later;
      behind = latestRow().write(out, behind, entry, sample);
      return writeFew(out, behind, behindRow);
    },
    bookmark(metadata) {
      const { resourceVersion, annotations } = metadata;
      const partial = { kind: 'PartialObjectMetadata', apiVersion, metadata };
      const whole = { kind: object.kind, apiVersion: object.apiVersion, metadata };
      // Even who wants no object in a row has to be told that the initial events end.
      const nothing = includeObject === 'None' && annotations === undefined;
      const cells = ['', '0', '0', ...(swap ? ['0'] : []), '0s'];
      const rows = [{ cells, object: nothing ? null : includeObject === 'Object' ? whole : partial }];
      const columnDefinitions = definitions === first ? columns(swap) : null;
      definitions = later;
      return goJson({ kind: 'Table', apiVersion, metadata: { resourceVersion }, columnDefinitions, rows });
    },
  };
}
