import { expect, test } from 'vitest';
import { isOpenApi, openApiOutline } from './openapi-outline.ts';

const swagger = {
  swagger: '2.0',
  paths: {
    '/nodes': {
      get: {
        description: 'Words.',
        operationId: 'listNodes',
        'x-kubernetes-action': 'list',
        responses: { '200': { schema: { $ref: '#/definitions/example.NodeList' } } },
      },
      parameters: [{ $ref: '#/parameters/limit-x' }],
    },
  },
  definitions: {
    'example.NodeList': {
      type: 'object',
      required: ['items'],
      properties: { items: { type: 'array', items: { $ref: '#/definitions/example.Node' } } },
    },
  },
  parameters: { 'limit-x': { name: 'limit', in: 'query' } },
};

/** The same in version 3, with the parameter at the operation. */
const openapi = {
  openapi: '3.0.0',
  paths: {
    '/nodes': {
      get: {
        operationId: 'listNodes',
        'x-kubernetes-action': 'list',
        parameters: [{ name: 'limit', in: 'query' }],
        responses: {
          '200': {
            content: { 'application/json': { schema: { $ref: '#/components/schemas/example.NodeList' } } },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      'example.NodeList': {
        type: 'object',
        required: ['items'],
        properties: {
          items: { type: 'array', items: { allOf: [{ $ref: '#/components/schemas/example.Node' }] } },
        },
      },
    },
  },
};

test('isOpenApi() knows both versions from other documents', () => {
  expect([swagger, openapi, { paths: ['/apis'] }, 'text', null].map(isOpenApi)).toEqual([
    ...[true, true, false, false, false],
  ]);
});

test('openApiOutline() is the same for the same API, whatever the version and where its parts are written', () => {
  const { version, ...rest } = openApiOutline(swagger) as { version: string };
  expect(version).toBe('2.0');
  expect(openApiOutline(openapi)).toEqual({ version: '3.0.0', ...rest });
  expect(rest).toMatchObject({
    paths: { '/nodes': { get: { parameters: ['limit in query'], answers: { 200: ['example.NodeList'] } } } },
    schemas: { 'example.NodeList': { required: ['items'], fields: { items: '[example.Node]' } } },
  });
});
