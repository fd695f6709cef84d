import descriptors from '@tacho/proto/k8s.json' with { type: 'json' };

interface Field {
  readonly type: string;
  readonly id: number;
  readonly rule?: string;
  readonly keyType?: string;
}

/** Messages of one package by their names. */
export type MessageTypes = Readonly<Record<string, { readonly fields: Readonly<Record<string, Field>> }>>;

const kubernetesTypes = descriptors.nested.k8s.nested as MessageTypes;
const magic = Buffer.from('k8s\0', 'latin1');

/** A message as it stood on the wire: fields in their order, also empty ones; fields that no description has as `#15`. */
export interface WireTree {
  [field: string]: WireValue;
}
export type WireValue = string | number | boolean | WireTree | WireValue[];

/**
 * Reads a Kubernetes protobuf body with its envelope, the inner message beside it. Nothing is filled in and nothing left out, so
 * that two trees are the same only where two encoders wrote the same.
 * @throws when the bytes are none
 */
export function readKubernetesProtobuf(body: Buffer): WireTree {
  if (!body.subarray(0, magic.length).equals(magic))
    throw new Error(`reading a protobuf body: expected k8s\\0, found ${body.subarray(0, 8).toString('hex')}`);
  const envelope = readMessage(kubernetesTypes, 'Unknown', body.subarray(magic.length));
  const { typeMeta, raw = '' } = envelope as { typeMeta?: { kind?: string }; raw?: string };
  return { ...envelope, raw: readMessage(kubernetesTypes, typeMeta?.kind ?? '', Buffer.from(raw, 'hex')) };
}

/** One message without an envelope. @throws when the bytes are none */
export function readMessage(types: MessageTypes, type: string, bytes: Buffer): WireTree {
  const fields = types[type]?.fields ?? {};
  const tree: WireTree = {};
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const tag = Number(readVarint(reader));
    const [number, wireType] = [tag >>> 3, tag & 7];
    const [name, field] = Object.entries(fields).find(([, { id }]) => id === number) ?? [
      `#${number}`,
      undefined,
    ];
    const value = readValue(types, field, wireType, reader);
    if (field?.keyType !== undefined) {
      const [key, entry] = value as [string, WireValue];
      tree[name] = { ...(tree[name] as WireTree | undefined), [key]: entry };
    } else if (field?.rule === 'repeated') {
      tree[name] = [...((tree[name] as WireValue[] | undefined) ?? []), value];
    } else {
      tree[name] = value;
    }
  }
  return tree;
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function readValue(
  types: MessageTypes,
  field: Field | undefined,
  wireType: number,
  reader: Reader,
): WireValue {
  if (wireType === 0) {
    const value = readVarint(reader);
    if (field?.type === 'bool') return value === 1n;
    return Number(BigInt.asIntN(64, value));
  }
  const fixed: Readonly<Record<number, number>> = { 1: 8, 5: 4 };
  const length = fixed[wireType] ?? (wireType === 2 ? Number(readVarint(reader)) : undefined);
  if (length === undefined)
    throw new Error(`reading protobuf: expected wire type 0, 1, 2 or 5, found ${wireType}`);
  const bytes = reader.bytes.subarray(reader.at, reader.at + length);
  if (bytes.length < length)
    throw new Error(`reading protobuf: expected ${length} bytes, found ${bytes.length}`);
  reader.at += length;
  if (field?.keyType !== undefined) return readEntry(types, field.type, bytes);
  return readBytes(types, field?.type ?? 'bytes', bytes);
}

function readBytes(types: MessageTypes, type: string, bytes: Buffer): WireValue {
  if (type === 'string') return bytes.toString('utf8');
  if (type === 'bytes') return bytes.toString('hex');
  return readMessage(types, type, bytes);
}

/** An entry of a map is a message of a key and a value. */
function readEntry(types: MessageTypes, type: string, bytes: Buffer): WireValue[] {
  const reader = { bytes, at: 0 };
  const found: WireValue[] = ['', ''];
  while (reader.at < bytes.length) {
    const number = Number(readVarint(reader)) >>> 3;
    const length = Number(readVarint(reader));
    const part = bytes.subarray(reader.at, reader.at + length);
    reader.at += length;
    found[number - 1] = readBytes(types, number === 1 ? 'string' : type, part);
  }
  return found;
}

function readVarint(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = reader.bytes[reader.at];
    if (byte === undefined) throw new Error('reading protobuf: a number is cut short');
    reader.at += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}
