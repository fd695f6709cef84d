import descriptor from '@tacho/proto/k8s.json' with { type: 'json' };
import protobuf from 'protobufjs/light.js';

const root = protobuf.Root.fromJSON(descriptor);

/** What comes before every protobuf body of Kubernetes: "k8s" and a zero byte. */
const magic = Buffer.from('k8s\0', 'latin1');

/** The tag of `Unknown.raw`: field 2, length-delimited. */
const rawTag = (2 << 3) | 2;

const unknown = messageType('Unknown');

/** Go writes both even though they are always empty. */
const envelopeEnd = unknown.encode({ contentEncoding: '', contentType: '' }).finish();

/** Go holds these by value and so writes them even though they are always empty. */
export const emptyListMeta = { selfLink: '', resourceVersion: '', continue: '' };

/** ListMeta as field 1 of a list; the resourceVersion is empty where lists say none. */
export function listMeta(resourceVersion: string): Uint8Array {
  const meta = messageType('ListMeta')
    .encode({ ...emptyListMeta, resourceVersion })
    .finish();
  return Buffer.concat([Buffer.from([0x0a, meta.length]), meta]);
}

export function messageType(name: string): protobuf.Type {
  return root.lookupType(`k8s.${name}`);
}

/** What stands before and behind a message of this many bytes. */
export function protobufEnvelope(
  apiVersion: string,
  kind: string,
  bytes: number,
): { readonly start: Uint8Array; readonly end: Uint8Array } {
  const start = unknown.encode({ typeMeta: { apiVersion, kind } }).uint32(rawTag).uint32(bytes).finish();
  return { start: Buffer.concat([magic, start]), end: envelopeEnd };
}

/** A whole protobuf body around an encoded message. */
export function protobufBody(apiVersion: string, kind: string, message: Uint8Array): Buffer {
  const { start, end } = protobufEnvelope(apiVersion, kind, message.length);
  return Buffer.concat([start, message, end]);
}
