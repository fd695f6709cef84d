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

export function messageType(name: string): protobuf.Type {
  return root.lookupType(`k8s.${name}`);
}

/**
 * A whole protobuf body. The message comes in pieces, one after the other, so that a list can be put together from
 * items encoded earlier.
 */
export function protobufBody(apiVersion: string, kind: string, pieces: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const start = unknown.encode({ typeMeta: { apiVersion, kind } }).uint32(rawTag).uint32(length).finish();
  return Buffer.concat([magic, start, ...pieces, envelopeEnd]);
}
