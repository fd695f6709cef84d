import { expect, test } from 'vitest';
import { openApiV2Document } from './openapi-v2-document.ts';
import { openApiV3Documents } from './openapi-v3-documents.ts';

const info = { title: 'tacho', version: 'v0.1.0' };
const documents = openApiV3Documents(info, ['get', 'list']);
const swagger = openApiV2Document(info, ['get', 'list']);
const versions = ['v1', 'v1beta1'];
const schemas = 'io.k8s.metrics.pkg.apis.metrics';

const documentOf = (version: string, from = documents) => {
  const document = from[`apis/metrics.k8s.io/${version}`];
  if (document === undefined) throw new Error(`no document of ${version}`);
  return document;
};

test('openApiV3Documents() differ between versions of the group in nothing but the name', () => {
  const renamed = JSON.stringify(documentOf('v1beta1'))
    .replaceAll('v1beta1', 'v1')
    .replaceAll('V1beta1', 'V1');
  expect(renamed).toBe(JSON.stringify(documentOf('v1')));
});

test.each(versions)(
  'openApiV3Documents() have the operations of %s as metrics-server names them',
  (version) => {
    const base = `/apis/metrics.k8s.io/${version}`;
    const title = version.replace('v', 'V');
    const operations = Object.entries(documentOf(version).paths).map(([path, { get }]) => [
      path,
      get.operationId,
      get['x-kubernetes-action'],
      get['x-kubernetes-group-version-kind'],
    ]);
    const about = (kind: string) => ({ group: 'metrics.k8s.io', version, kind });
    const [node, pod] = [about('NodeMetrics'), about('PodMetrics')];
    expect(operations).toEqual([
      [`${base}/`, `getMetrics${title}APIResources`, undefined, undefined],
      [`${base}/namespaces/{namespace}/pods`, `listMetrics${title}NamespacedPodMetrics`, 'list', pod],
      [`${base}/namespaces/{namespace}/pods/{name}`, `readMetrics${title}NamespacedPodMetrics`, 'get', pod],
      [`${base}/nodes`, `listMetrics${title}NodeMetrics`, 'list', node],
      [`${base}/nodes/{name}`, `readMetrics${title}NodeMetrics`, 'get', node],
      [`${base}/pods`, `listMetrics${title}PodMetricsForAllNamespaces`, 'list', pod],
    ]);
  },
);

test.each(versions)('openApiV3Documents() name the kinds of %s, and no kind of others', (version) => {
  const all = Object.entries(documentOf(version).components.schemas);
  const kinds = all.flatMap(([name, schema]) =>
    ([schema['x-kubernetes-group-version-kind'] ?? []] as object[][]).flat().map((about) => [name, about]),
  );
  const own = ['NodeMetrics', 'NodeMetricsList', 'PodMetrics', 'PodMetricsList'];
  const group = 'metrics.k8s.io';
  expect(kinds).toEqual(own.map((kind) => [`${schemas}.${version}.${kind}`, { group, kind, version }]));
  expect(JSON.stringify(documents['apis'])).not.toContain('x-kubernetes-group-version-kind');
});

test.each(versions)('openApiV3Documents() say what is required in %s', (version) => {
  const all = documentOf(version).components.schemas;
  const required = (kind: string) => all[`${schemas}.${version}.${kind}`]?.required;
  expect(required('NodeMetrics')).toEqual(['timestamp', 'window', 'usage']);
  expect(required('PodMetrics')).toEqual(['timestamp', 'window', 'containers']);
  expect(required('NodeMetricsList')).toEqual(['items']);
  expect(required('ContainerMetrics')).toEqual(['name', 'usage']);
});

/** Names in references that nothing in `defined` answers to. */
function danglingReferences(document: unknown, prefix: string, defined: object): string[] {
  const names = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, name = '']) => name);
  return names.filter((name) => !Object.hasOwn(defined, name.replace(prefix, '')));
}

test('openApiV3Documents() and openApiV2Document() contain all that they refer to', () => {
  for (const document of Object.values(documents)) {
    const { schemas: defined } = document.components;
    expect(danglingReferences(document, '#/components/schemas/', defined)).toEqual([]);
  }
  expect(danglingReferences(swagger, '#/definitions/', swagger.definitions)).toEqual([]);
});

test('openApiV3Documents() and openApiV2Document() describe every field', () => {
  const undescribed = (all: object) =>
    Object.entries(all).flatMap(([name, schema]) =>
      Object.entries((schema as { properties?: object }).properties ?? {})
        .filter(([, property]) => !property.description)
        .map(([field]) => `${name}.${field}`),
    );
  for (const { components } of Object.values(documents)) expect(undescribed(components.schemas)).toEqual([]);
  expect(undescribed(swagger.definitions)).toEqual([]);
});

test('openApiV3Documents() mention a watch only when it is among the verbs', () => {
  const watched = documentOf('v1', openApiV3Documents(info, ['get', 'list', 'watch']));
  const list = (document: typeof watched) => {
    const item = document.paths['/apis/metrics.k8s.io/v1/pods'];
    const types = Object.keys(item?.get.responses['200'].content ?? {});
    return [types, item?.parameters?.map(({ name }) => name)];
  };
  expect(list(watched)).toEqual([
    expect.arrayContaining(['application/json;stream=watch']),
    expect.arrayContaining(['watch', 'sendInitialEvents']),
  ]);
  expect(JSON.stringify(list(documentOf('v1')))).not.toMatch(/watch|sendInitialEvents/);
});

test('openApiV2Document() has the paths of all v3 documents', () => {
  const paths = Object.values(documents).flatMap((document) => Object.keys(document.paths));
  expect(Object.keys(swagger.paths)).toEqual(paths.sort());
});

test('openApiV2Document() writes types as Swagger 2 can', () => {
  expect(swagger.definitions['io.k8s.apimachinery.pkg.api.resource.Quantity']).toMatchObject({
    type: 'string',
  });
  expect(JSON.stringify(swagger)).not.toMatch(/"oneOf"|"allOf"|#\/components\//);
  expect(swagger.paths['/apis/metrics.k8s.io/v1/nodes/{name}']).toMatchObject({
    get: {
      consumes: ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'],
      schemes: ['https'],
      responses: { '200': { schema: { $ref: `#/definitions/${schemas}.v1.NodeMetrics` } } },
    },
    parameters: [
      { name: 'name', in: 'path', required: true, type: 'string', uniqueItems: true },
      { name: 'pretty', in: 'query', type: 'string' },
    ],
  });
});
