import { writeBytes, writeVarint } from '../encode/bytes.ts';
import {
  itemProtobufBound,
  type ProtobufAnswer,
  writeItemProtobuf,
  writeMetadataProtobuf,
} from '../encode/protobuf-item.ts';
import type { ObjectKind } from '../lists/object-document.ts';
import type { Entry, Sample } from '../measured/entry.ts';
import { messageType, protobufBody, protobufEnvelope } from '../protocol/k8s-protobuf.ts';
import { statusDocument } from '../protocol/status.ts';
import { type BookmarkMetadata, bookmarkMetadata, type EventForm } from './watch-event.ts';

/** What stands for an object in an event: a message with its type. */
export interface ProtobufEventObject extends ObjectKind {
  /** @returns the offset behind the message */
  write(out: Uint8Array, offset: number, entry: Entry, sample: Sample): number;
  /** The message of a bookmark. */
  bookmark(metadata: BookmarkMetadata): Uint8Array;
}

/** Lengths and tags around an object, the type of the event, the envelope without its TypeMeta. */
const frameBytes = 64;

/**
 * Each event as the message WatchEvent { type 1, object 2: RawExtension { raw 1 } } after its length in four bytes, the
 * highest first. The object within has the envelope that it has on its own.
 */
export function protobufEvents(object: ProtobufEventObject): EventForm {
  const envelope = protobufEnvelope(object.apiVersion, object.kind, 0);
  // Without the length, which is one byte for a message of none.
  const start = envelope.start.subarray(0, -1);
  const { end } = envelope;
  let message = Buffer.allocUnsafe(4096);
  return {
    bound: (entry, sample) => frameBytes + start.length + itemProtobufBound(entry, sample),
    write(out, offset, type, entry, sample) {
      const bound = itemProtobufBound(entry, sample);
      if (bound > message.length) message = Buffer.allocUnsafe(bound);
      const bytes = object.write(message, 0, entry, sample);
      const rawBytes = start.length + varintBytes(bytes) + bytes + end.length;
      let behind = writeEventStart(out, offset, type, rawBytes);
      behind = writeVarint(out, writeBytes(out, behind, start), bytes);
      behind = writeBytes(out, behind, message.subarray(0, bytes));
      return writeBytes(out, behind, end);
    },
    bookmark(revision, initialEnd) {
      const bytes = object.bookmark(bookmarkMetadata(revision, initialEnd));
      return wholeEvent('BOOKMARK', protobufBody(object.apiVersion, object.kind, bytes));
    },
    error: (status) => wholeEvent('ERROR', statusDocument(status).protobuf?.() ?? Buffer.alloc(0)),
  };
}

function wholeEvent(type: string, raw: Uint8Array): Uint8Array {
  const out = Buffer.allocUnsafe(frameBytes + raw.length);
  return out.subarray(0, writeBytes(out, writeEventStart(out, 0, type, raw.length), raw));
}

/** Everything before the raw object. */
function writeEventStart(out: Uint8Array, offset: number, type: string, rawBytes: number): number {
  const objectBytes = 1 + varintBytes(rawBytes) + rawBytes;
  const eventBytes = 2 + type.length + 1 + varintBytes(objectBytes) + objectBytes;
  for (let index = 0; index < 4; index += 1) out[offset + index] = (eventBytes >>> (24 - 8 * index)) & 0xff;
  let behind = offset + 4;
  out[behind] = 0x0a;
  out[behind + 1] = type.length;
  behind = writeBytes(out, behind + 2, Buffer.from(type, 'latin1'));
  out[behind] = 0x12;
  behind = writeVarint(out, behind + 1, objectBytes);
  out[behind] = 0x0a;
  return writeVarint(out, behind + 1, rawBytes);
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes += 1;
  return bytes;
}

/** NodeMetrics or PodMetrics. @param answer is asked for each event anew */
export function wholeMessage(object: ObjectKind, answer: () => ProtobufAnswer): ProtobufEventObject {
  return {
    ...object,
    write: (out, offset, entry, sample) => writeItemProtobuf(out, offset, entry, sample, answer()),
    bookmark: (metadata) =>
      messageType(object.kind)
        .encode({ metadata: metadataFields(metadata), timestamp: {}, window: { duration: 0 } })
        .finish(),
  };
}

/** PartialObjectMetadata. */
export function partialMessage(apiVersion: string, answer: () => ProtobufAnswer): ProtobufEventObject {
  const kind = 'PartialObjectMetadata';
  return {
    ...{ apiVersion, kind },
    write: (out, offset, entry) => writeMetadataProtobuf(out, offset, entry, answer()),
    bookmark: (metadata) =>
      messageType(kind)
        .encode({ metadata: metadataFields(metadata) })
        .finish(),
  };
}

/** Go holds these by value and so writes them even when they are empty. */
function metadataFields(metadata: BookmarkMetadata): object {
  const empty = { name: '', generateName: '', namespace: '', selfLink: '', uid: '' };
  return { ...empty, generation: 0, creationTimestamp: {}, ...metadata };
}
