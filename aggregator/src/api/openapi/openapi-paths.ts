import { groupName, groupVersion, type MetricsResource, nodes, pods } from '../protocol/metrics-group.ts';
import { mediaTypes, streamedMediaTypes } from '../protocol/negotiation.ts';
import { metricsSchemaName } from './openapi-metrics-schemas.ts';
import {
  nameParameter,
  namespaceParameter,
  type Parameter,
  parametersOfList,
  prettyParameter,
} from './openapi-parameters.ts';
import { metaPackage, reference, type Schema, sortedByName, versionInfoName } from './openapi-schema.ts';

/** An operation object of OpenAPI v3; every operation here is a GET that answers 200 with one schema. */
export interface Operation {
  readonly tags: readonly string[];
  readonly description: string;
  readonly operationId: string;
  readonly responses: { readonly '200': OpenApiResponse };
  readonly [extension: `x-${string}`]: unknown;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface PathItem {
  readonly get: Operation;
  readonly parameters?: readonly Parameter[];
}

/** Path items by their path. */
export type Paths = Readonly<Record<string, PathItem>>;

const sorted: readonly string[] = [...mediaTypes].sort();

/** `/apis/`, `/apis/GROUP/` and `/version/`, under the paths of their documents below `/openapi/v3/`. */
export const discoveryPaths: Readonly<Record<string, Paths>> = {
  apis: {
    '/apis/': plain('apis', 'getAPIVersions', 'The groups of the API.', 'APIGroupList'),
  },
  [`apis/${groupName}`]: {
    [`/apis/${groupName}/`]: plain('metrics', 'getMetricsAPIGroup', 'Versions of the group.', 'APIGroup'),
  },
  version: {
    '/version/': {
      get: operation(
        { tag: 'version', id: 'getCodeVersion', description: 'Version of the server.' },
        versionInfoName,
        ['application/json'],
      ),
    },
  },
};

/** All paths of one version of metrics.k8s.io. @param verbs what discovery advertises */
export function metricsPaths(version: string, verbs: readonly string[]): Paths {
  const tag = `metrics_${version}`;
  const titled = `Metrics${version.charAt(0).toUpperCase()}${version.slice(1)}`;
  const watch = verbs.includes('watch');
  const forms = watch ? [...sorted, ...streamedMediaTypes].sort() : sorted;

  const listed = (resource: MetricsResource, scope: string, suffix: string, namespaced: boolean) => {
    const id = `list${titled}${scope}${resource.kind}${suffix}`;
    const description = `Metrics of ${resource.name}.`;
    const schema = metricsSchemaName(version, `${resource.kind}List`);
    const get = {
      ...operation({ tag, id, description }, schema, forms),
      ...about('list', resource, version),
    };
    return { get, parameters: parametersOfList(watch, namespaced) };
  };
  const read = (resource: MetricsResource, scope: string, parameters: readonly Parameter[]) => {
    const id = `read${titled}${scope}${resource.kind}`;
    const description = `Metrics of one of the ${resource.name}.`;
    const schema = metricsSchemaName(version, resource.kind);
    const get = {
      ...operation({ tag, id, description }, schema, sorted),
      ...about('get', resource, version),
    };
    return { get, parameters };
  };

  const base = `/apis/${groupVersion(version)}`;
  return sortedByName({
    [`${base}/`]: plain(tag, `get${titled}APIResources`, 'Resources of the version.', 'APIResourceList'),
    [`${base}/nodes`]: listed(nodes, '', '', false),
    [`${base}/nodes/{name}`]: read(nodes, '', [nameParameter, prettyParameter]),
    [`${base}/pods`]: listed(pods, '', 'ForAllNamespaces', false),
    [`${base}/namespaces/{namespace}/pods`]: listed(pods, 'Namespaced', '', true),
    [`${base}/namespaces/{namespace}/pods/{name}`]: read(pods, 'Namespaced', [
      ...[nameParameter, namespaceParameter, prettyParameter],
    ]),
  });
}

function plain(tag: string, id: string, description: string, kind: string): PathItem {
  return { get: operation({ tag, id, description }, `${metaPackage}.${kind}`, sorted) };
}

function operation(
  { tag, id, description }: { tag: string; id: string; description: string },
  schemaName: string,
  forms: readonly string[],
): Operation {
  const content = Object.fromEntries(forms.map((form) => [form, { schema: reference(schemaName) }]));
  return {
    tags: [tag],
    description,
    operationId: id,
    responses: { '200': { description: 'OK', content } },
  };
}

/** What clients recognize the operation by. */
function about(action: 'get' | 'list', { kind }: MetricsResource, version: string) {
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: groupName, version, kind },
  };
}
