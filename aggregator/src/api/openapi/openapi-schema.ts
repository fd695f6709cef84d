/** A schema object, as far as these documents use it. Keys in the order in which Kubernetes writes them. */
export interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly type?: string;
  readonly format?: string;
  readonly required?: readonly string[];
  readonly properties?: Schemas;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly [extension: `x-${string}`]: unknown;
}

/** Schemas by the name of their type or property. */
export type Schemas = Readonly<Record<string, Schema>>;

/** What stands before a name in a reference of OpenAPI v3. */
export const schemaPath = '#/components/schemas/';

export const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';
export const quantityName = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
export const versionInfoName = 'io.k8s.apimachinery.pkg.version.Info';

export function text(description: string): Schema {
  return { description, type: 'string' };
}

export function flag(description: string): Schema {
  return { description, type: 'boolean' };
}

export function int64(description: string): Schema {
  return { description, type: 'integer', format: 'int64' };
}

export function reference(name: string): Schema {
  return { $ref: `${schemaPath}${name}` };
}

/** OpenAPI v3.0 ignores what stands beside a `$ref`, so a description needs the detour. */
export function described(description: string, name: string): Schema {
  return { description, allOf: [reference(name)] };
}

export function list(description: string, items: Schema, listType = 'atomic'): Schema {
  return { description, type: 'array', items, 'x-kubernetes-list-type': listType };
}

export function map(description: string, additionalProperties: Schema): Schema {
  return { description, type: 'object', additionalProperties };
}

/** An object; `required` in the order of the fields in Go. */
export function object(description: string, required: readonly string[], properties: Schemas): Schema {
  return {
    description,
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: sortedByName(properties),
  };
}

/** `kind` and `apiVersion`, which every object of its own carries. */
export const typeMeta: Schemas = {
  apiVersion: text('Group and version of this object.'),
  kind: text('What this object is.'),
};

export function sortedByName<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : Number(a > b))));
}
