import { writeBytes, writeLengthBefore } from '../encode/bytes.ts';
import { itemJsonBound, type JsonAnswer, jsonAnswer, writeMetadataJson } from '../encode/json-item.ts';
import { itemProtobufBound, protobufAnswer, writeMetadataProtobuf } from '../encode/protobuf-item.ts';
import type { Entry, Sample } from '../measured/entry.ts';
import type { Document } from '../protocol/document.ts';
import { listMeta, protobufBody } from '../protocol/k8s-protobuf.ts';
import type { ListDocument } from './list-document.ts';
import type { ItemForm } from './list-pieces.ts';
import type { Answer } from './object-document.ts';

/** Most bytes of kind and version around the metadata. */
const kindBytes = 128;
const none: Sample = { usages: [], names: [] } as unknown as Sample;

/** `as=PartialObjectMetadata`. `apiVersion` is the meta.k8s.io version that was asked for. */
export function partialObjectMetadata(
  apiVersion: string,
  entry: Entry,
  { nowMs, revisions }: Answer,
): Document {
  return {
    json: () => {
      const form = partialJson(apiVersion, jsonAnswer(nowMs, revisions));
      const out = Buffer.allocUnsafe(form.bound(entry, none));
      return out.toString('utf8', 0, form.write(out, 0, entry, none));
    },
    protobuf: () => {
      const out = Buffer.allocUnsafe(itemProtobufBound(entry, none));
      const end = writeMetadataProtobuf(out, 0, entry, protobufAnswer(nowMs, revisions));
      return protobufBody(apiVersion, 'PartialObjectMetadata', out.subarray(0, end));
    },
  };
}

/** `as=PartialObjectMetadataList`. */
export function partialObjectMetadataList(
  apiVersion: string,
  { nowMs, revisions }: Answer,
  revision: string,
): ListDocument {
  const kind = 'PartialObjectMetadataList';
  const answer = protobufAnswer(nowMs, revisions);
  const head = { kind, apiVersion, metadata: revision === '' ? {} : { resourceVersion: revision } };
  return {
    head,
    member: 'items',
    empty: { ...head, items: null },
    json: partialJson(apiVersion, jsonAnswer(nowMs, revisions)),
    protobuf: {
      apiVersion,
      kind,
      start: listMeta(revision),
      form: {
        bound: (entry) => itemProtobufBound(entry, none),
        write: (out, offset, entry) => {
          out[offset] = 0x12;
          return writeLengthBefore(out, offset + 1, writeMetadataProtobuf(out, offset + 2, entry, answer));
        },
      },
    },
  };
}

/** Unlike the items of a metrics list, these say their kind even within a list. */
export function partialJson(apiVersion: string, answer: JsonAnswer): ItemForm {
  const start = Buffer.from(`{"kind":"PartialObjectMetadata","apiVersion":"${apiVersion}","metadata":`);
  return {
    bound: (entry) => kindBytes + itemJsonBound(entry, none),
    write: (out, offset, entry) => {
      const end = writeMetadataJson(out, writeBytes(out, offset, start), entry, answer);
      out[end] = 0x7d;
      return end + 1;
    },
  };
}
