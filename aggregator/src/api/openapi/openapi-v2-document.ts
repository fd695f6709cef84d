import { versions } from '../protocol/metrics-group.ts';
import { mediaTypes } from '../protocol/negotiation.ts';
import type { Parameter } from './openapi-parameters.ts';
import { discoveryPaths, metricsPaths, type PathItem, type Paths } from './openapi-paths.ts';
import { type Schema, type Schemas, schemaPath, sortedByName } from './openapi-schema.ts';
import { allSchemas, type OpenApiInfo } from './openapi-v3-documents.ts';

const definitionPath = '#/definitions/';

/** A Swagger 2.0 document; what it consists of is written nowhere but here. */
export interface OpenApiV2 {
  readonly swagger: '2.0';
  readonly info: OpenApiInfo;
  readonly paths: Readonly<Record<string, unknown>>;
  readonly definitions: Schemas;
}

/**
 * The whole API in one document, made from the parts of the v3 documents. kube-apiserver merges it into its own.
 *
 * @param verbs what discovery advertises
 */
export function openApiV2Document(info: OpenApiInfo, verbs: readonly string[]): OpenApiV2 {
  const paths: Paths = Object.assign(
    {},
    ...Object.values(discoveryPaths),
    ...versions.map((version) => metricsPaths(version, verbs)),
  );
  return {
    swagger: '2.0',
    info,
    paths: sortedByName(mapValues(paths, pathItem)),
    definitions: sortedByName(mapValues(allSchemas, definition)),
  };
}

function pathItem({ get, parameters }: PathItem) {
  const { description: outcome, content } = get.responses['200'];
  const { tags, description, operationId, responses: _responses, ...extensions } = get;
  const produces = Object.keys(content);
  const [{ schema } = { schema: {} }] = Object.values(content);
  return {
    get: {
      description,
      consumes: produces.length > 1 ? mediaTypes : produces,
      produces,
      schemes: ['https'],
      tags,
      operationId,
      responses: { '200': { description: outcome, schema: definition(schema) } },
      ...extensions,
    },
    ...(parameters !== undefined && { parameters: parameters.map(swaggerParameter) }),
  };
}

/** Swagger 2 writes the type of a parameter into the parameter itself. */
function swaggerParameter({ schema, description, name, in: place, required }: Parameter) {
  const { uniqueItems, type } = schema;
  return { uniqueItems, type, description, name, in: place, ...(required && { required }) };
}

/**
 * Swagger 2 knows no `oneOf`, for which the written form stands, and takes a description beside a `$ref`, where v3
 * needs `allOf`.
 */
function definition(schema: Schema): Schema {
  const { $ref, allOf, oneOf, properties, items, additionalProperties, ...rest } = schema;
  const [only] = allOf ?? [];
  return {
    ...rest,
    ...(only !== undefined && definition(only)),
    ...(oneOf !== undefined && { type: 'string' }),
    ...($ref !== undefined && { $ref: $ref.replace(schemaPath, definitionPath) }),
    ...(properties !== undefined && { properties: mapValues(properties, definition) }),
    ...(items !== undefined && { items: definition(items) }),
    ...(additionalProperties !== undefined && { additionalProperties: definition(additionalProperties) }),
  };
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
