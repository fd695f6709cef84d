import descriptor from '@tacho/proto/openapi.json' with { type: 'json' };
import protobuf from 'protobufjs/light.js';
import { expect, test } from 'vitest';
import { openApiMessage } from './openapi-message.ts';
import { openApiV2Document } from './openapi-v2-document.ts';
import { openApiV3Documents } from './openapi-v3-documents.ts';

const info = { title: 'tacho', version: 'v0.1.0' };
const verbs = ['get', 'list', 'watch'];
const podMetrics = 'io.k8s.metrics.pkg.apis.metrics.v1.PodMetrics';
const kind = [{ group: 'metrics.k8s.io', kind: 'PodMetrics', version: 'v1' }];

/** Just what the tests look at: lists of names and values. */
interface Named {
  readonly name: string;
  readonly value: object;
}

function decode(specification: 'v2' | 'v3', document: object) {
  const type = protobuf.Root.fromJSON(descriptor).lookupType(`openapi.${specification}.Document`);
  return type.toObject(type.decode(openApiMessage(specification, document)));
}

function valueNamed(list: readonly Named[], name: string): object {
  return list.find((each) => each.name === name)?.value ?? {};
}

test('openApiMessage() makes gnostic’s message of a Swagger 2 document', () => {
  const document = openApiV2Document(info, verbs);
  const message = decode('v2', document);
  expect(message).toMatchObject({ swagger: '2.0', info });
  const names = (list: readonly Named[]) => list.map(({ name }) => name);
  expect(names(message['paths'].path)).toEqual(Object.keys(document.paths));
  expect(names(message['definitions'].additionalProperties)).toEqual(Object.keys(document.definitions));
  expect(valueNamed(message['paths'].path, '/apis/metrics.k8s.io/v1/nodes/{name}')).toMatchObject({
    get: {
      operationId: 'readMetricsV1NodeMetrics',
      responses: { responseCode: [{ name: '200', value: { response: { description: 'OK' } } }] },
      vendorExtension: [{ name: 'x-kubernetes-action', value: { yaml: '"get"\n' } }, {}],
    },
    parameters: [
      { parameter: { nonBodyParameter: { pathParameterSubSchema: { name: 'name', required: true } } } },
      { parameter: { nonBodyParameter: { queryParameterSubSchema: { name: 'pretty', type: 'string' } } } },
    ],
  });
  const schema = valueNamed(message['definitions'].additionalProperties, podMetrics);
  expect(schema).toMatchObject({
    required: ['timestamp', 'window', 'containers'],
    type: { value: ['object'] },
    vendorExtension: [
      { name: 'x-kubernetes-group-version-kind', value: { yaml: `${JSON.stringify(kind)}\n` } },
    ],
  });
});

test('openApiMessage() makes gnostic’s message of an OpenAPI 3 document', () => {
  const document = openApiV3Documents(info, verbs)['apis/metrics.k8s.io/v1'];
  if (document === undefined) throw new Error('no document of v1');
  const message = decode('v3', document);
  expect(message).toMatchObject({ openapi: '3.0.0', info });
  const { schema } = valueNamed(message['components'].schemas.additionalProperties, podMetrics) as {
    schema: { properties: { additionalProperties: Named[] } };
  };
  const property = (name: string) => valueNamed(schema.properties.additionalProperties, name);
  const containers = podMetrics.replace('Pod', 'Container');
  expect(property('containers')).toMatchObject({
    schema: {
      type: 'array',
      items: { schemaOrReference: [{ reference: { _ref: `#/components/schemas/${containers}` } }] },
    },
  });
  expect(property('window')).toMatchObject({ schema: { allOf: [{ reference: {} }] } });
});
