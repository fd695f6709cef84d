import { groupVersion, versions } from '../protocol/metrics-group.ts';
import { discoverySchemas } from './openapi-discovery-schemas.ts';
import { metaSchemas } from './openapi-meta-schemas.ts';
import { metricsSchemas } from './openapi-metrics-schemas.ts';
import { discoveryPaths, metricsPaths, type Paths } from './openapi-paths.ts';
import { type Schemas, schemaPath, sortedByName } from './openapi-schema.ts';

/** An OpenAPI v3.0 document. */
export interface OpenApiV3 {
  readonly openapi: '3.0.0';
  readonly info: OpenApiInfo;
  readonly paths: Paths;
  readonly components: { readonly schemas: Schemas };
}

export interface OpenApiInfo {
  readonly title: string;
  readonly version: string;
}

/** All schemas that any document refers to. */
export const allSchemas: Schemas = Object.assign(
  {},
  metaSchemas,
  discoverySchemas,
  ...versions.map(metricsSchemas),
);

/**
 * The documents by their path below `/openapi/v3/`, each complete in itself.
 *
 * @param verbs what discovery advertises
 */
export function openApiV3Documents(
  info: OpenApiInfo,
  verbs: readonly string[],
): Readonly<Record<string, OpenApiV3>> {
  const ofVersions = versions.map((version) => [
    `apis/${groupVersion(version)}`,
    metricsPaths(version, verbs),
  ]);
  const paths: Record<string, Paths> = { ...discoveryPaths, ...Object.fromEntries(ofVersions) };
  const documents = Object.entries(paths).map(([path, each]): [string, OpenApiV3] => [
    path,
    { openapi: '3.0.0', info, paths: each, components: { schemas: schemasOf(each) } },
  ]);
  return sortedByName(Object.fromEntries(documents));
}

/** The schemas that can be reached from the paths. */
function schemasOf(paths: Paths): Schemas {
  const found: Record<string, Schemas[string]> = {};
  const collect = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(referencePattern)) {
      const schema = allSchemas[name];
      if (schema === undefined) throw new Error(`OpenAPI refers to ${name}, which has no schema`);
      if (found[name] !== undefined) continue;
      found[name] = schema;
      collect(schema);
    }
  };
  collect(paths);
  return sortedByName(found);
}

const referencePattern = new RegExp(`"\\$ref":"${schemaPath}([^"]*)"`, 'g');
