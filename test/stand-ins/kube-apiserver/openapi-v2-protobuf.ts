/** A definition of Swagger 2, as far as kube-apiserver hands it on in protobuf. */
export interface Definition {
  readonly $ref?: string;
  readonly format?: string;
  readonly description?: string;
  readonly type?: string;
  readonly required?: readonly string[];
  readonly items?: Definition;
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly additionalProperties?: Definition | boolean;
  readonly [vendorExtension: `x-${string}`]: unknown;
}

export const openApiV2ProtobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * The definitions of a Swagger 2 document as message `openapi.v2.Document` of gnostic: the only form of it that kubectl
 * reads. Paths, which `kubectl explain` never looks at, are left out. Numbers are those of gnostic's OpenAPIv2.proto.
 */
export function openApiV2Protobuf(
  title: string,
  version: string,
  definitions: Readonly<Record<string, Definition>>,
): Buffer {
  return Buffer.concat([
    text(1, '2.0'),
    message(2, [text(1, title), text(2, version)]),
    message(8, []),
    message(9, namedSchemas(1, definitions)),
  ]);
}

function namedSchemas(field: number, schemas: Readonly<Record<string, Definition>>): Buffer[] {
  return Object.entries(schemas).map(([name, value]) =>
    message(field, [text(1, name), message(2, schema(value))]),
  );
}

function schema(definition: Definition): Buffer[] {
  const { additionalProperties, items, properties } = definition;
  return [
    text(1, definition.$ref),
    text(2, definition.format),
    text(4, definition.description),
    ...(definition.required ?? []).map((name) => text(19, name)),
    ...(additionalProperties === undefined ? [] : [message(21, [alternatives(additionalProperties)])]),
    ...(definition.type === undefined ? [] : [message(22, [text(1, definition.type)])]),
    ...(items === undefined ? [] : [message(23, [message(1, schema(items))])]),
    ...(properties === undefined ? [] : [message(25, namedSchemas(1, properties))]),
    ...Object.entries(definition)
      .filter(([name]) => name.startsWith('x-'))
      // The value is YAML, and JSON is YAML.
      .map(([name, value]) =>
        message(31, [text(1, name), message(2, [text(2, `${JSON.stringify(value)}\n`)])]),
      ),
  ];
}

function alternatives(additional: Definition | boolean): Buffer {
  if (typeof additional !== 'boolean') return message(1, schema(additional));
  return Buffer.from([(2 << 3) | 0, additional ? 1 : 0]);
}

/** An absent string takes no bytes. */
function text(field: number, value: string | undefined): Buffer {
  return value === undefined || value === '' ? Buffer.alloc(0) : delimited(field, Buffer.from(value));
}

function message(field: number, parts: readonly Buffer[]): Buffer {
  return delimited(field, Buffer.concat(parts));
}

function delimited(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}
