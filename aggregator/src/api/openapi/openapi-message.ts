import descriptor from '@tacho/proto/openapi.json' with { type: 'json' };
import protobuf from 'protobufjs/light.js';

/** A value of a JSON document. */
type Json = string | boolean | readonly Json[] | { readonly [key: string]: Json };

/**
 * An OpenAPI document as gnostic's protobuf message, which kubectl before 1.24 and some tools ask for.
 *
 * The messages follow the documents but for a few rules, so they are filled by looking at the message types: maps are
 * lists of names and values, extensions are YAML text, and where a specification leaves a choice there is a message
 * around the alternatives.
 */
export function openApiMessage(specification: 'v2' | 'v3', document: object): Buffer {
  const root = protobuf.Root.fromJSON(descriptor);
  const type = root.lookupType(`openapi.${specification}.Document`);
  // A document is made of nothing else.
  return Buffer.from(type.encode(messageOf(type, document as Json)).finish());
}

function messageOf(type: protobuf.Type, value: Json): object {
  const [first, second] = type.fieldsArray;
  if (type.name === 'Any') return { yaml: `${JSON.stringify(value)}\n` };
  if (first === undefined) throw new Error(`the message ${type.fullName} has no fields`);
  if (second !== undefined && type.oneofsArray.length > 0) {
    const chosen = type.get(alternative(value)) as protobuf.Field;
    return { [chosen.name]: fieldOf(chosen, value) };
  }
  if (second === undefined && !isObjectWith(value, keyOf(first))) {
    return { [first.name]: isMap(first) ? named(first, value) : fieldOf(first, value) };
  }
  const message: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    if (field.name.endsWith('Extension')) message[field.name] = named(field, extensionsOf(value));
    else if (isObjectWith(value, keyOf(field)))
      message[field.name] = fieldOf(field, value[keyOf(field)] ?? '');
  }
  return message;
}

function fieldOf(field: protobuf.Field, value: Json): unknown {
  const { resolvedType } = field.resolve();
  const convert = (each: Json) =>
    resolvedType instanceof protobuf.Type ? messageOf(resolvedType, each) : each;
  if (!field.repeated) return convert(value);
  return (Array.isArray(value) ? value : [value]).map(convert);
}

/** Which of the fields of a `oneof` takes the value. */
function alternative(value: Json): string {
  if (isObjectWith(value, 'in')) {
    return value['in'] === 'path' ? 'pathParameterSubSchema' : 'queryParameterSubSchema';
  }
  return isObjectWith(value, '$ref') ? 'reference' : 'schema';
}

/** Whether the field is a list of names and values. */
function isMap(field: protobuf.Field): boolean {
  const { resolvedType } = field.resolve();
  return resolvedType instanceof protobuf.Type && /^Named/.test(resolvedType.name);
}

function named(field: protobuf.Field, map: Json): object[] {
  const { resolvedType } = field.resolve();
  const value = resolvedType instanceof protobuf.Type ? resolvedType.fields['value'] : undefined;
  if (value === undefined) throw new Error(`the field ${field.fullName} is no map`);
  return Object.entries(map).map(([name, each]) => ({ name, value: fieldOf(value, each) }));
}

function extensionsOf(value: Json): Json {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key.startsWith('x-')));
}

function keyOf(field: protobuf.Field): string {
  return field.name === '_ref' ? '$ref' : field.name;
}

function isObjectWith(value: Json, key: string): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && Object.hasOwn(value, key);
}
