import descriptors from '@tacho/proto/openapi.json' with { type: 'json' };
import { load } from 'js-yaml';
import type { Tree } from './settled.ts';
import { type MessageTypes, readMessage, type WireTree, type WireValue } from './wire-tree.ts';

const packages = descriptors.nested.openapi.nested;

/** Messages that only hold the one thing of this name, where JSON has the thing itself. */
const holders = new Set([
  ...['path', 'responseCode', 'responseOrReference', 'response', 'schema', 'schemaOrReference', 'reference'],
  ...['value', 'additionalProperties'],
]);
const extensions = new Set(['vendorExtension', 'specificationExtension']);

/**
 * An OpenAPI document that came as gnostic's protobuf, as it would be in JSON, but for parameters: those of a server that
 * shares them among operations are not described here.
 * @param type Content-Type, which has the version
 * @throws when the bytes are none
 */
export function readOpenApiMessage(type: string, body: Buffer): Tree {
  const types = (type.includes('spec.v2') ? packages.v2.nested : packages.v3.nested) as MessageTypes;
  return plain(readMessage(types, 'Document', body));
}

function plain(value: WireValue, field = ''): Tree {
  if (Array.isArray(value)) return plainList(value, field);
  if (typeof value !== 'object') return value;
  const known = Object.entries(value).filter(([name]) => !name.startsWith('#') && name !== 'parameters');
  const [only] = known;
  if (only !== undefined && known.length === 1 && holders.has(only[0])) return plain(only[1], field);
  const parts = known.flatMap(([name, part]): [string, Tree][] =>
    extensions.has(name) ? extended(part) : [[name === '_ref' ? '$ref' : name, plain(part, name)]],
  );
  return Object.fromEntries(parts);
}

function plainList(values: readonly WireValue[], field: string): Tree {
  if (field === 'items') return plain(values[0] ?? {});
  if (field === 'type') return values.map(String).join(' ');
  const named = values.filter(isNamed);
  if (named.length < values.length || values.length === 0) return values.map((each) => plain(each));
  const content = (part: Tree) => (field === 'content' ? { schema: part } : part);
  return Object.fromEntries(named.map(({ name, value }) => [name, content(plain(value))]));
}

/** Extensions are written as YAML inside of the message. */
function extended(list: WireValue): [string, Tree][] {
  return (Array.isArray(list) ? list : []).filter(isNamed).map(({ name, value }) => {
    const { yaml = '' } = value as { yaml?: string };
    return [name, load(yaml) as Tree];
  });
}

function isNamed(value: WireValue): value is WireTree & { name: string; value: WireTree } {
  return typeof value === 'object' && 'name' in value && 'value' in value && typeof value.value === 'object';
}
