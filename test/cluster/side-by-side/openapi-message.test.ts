import { expect, test } from 'vitest';
import { readOpenApiMessage } from './openapi-message.ts';

/** A field with a length, as the wire has it. */
function field(number: number, ...contents: readonly (string | Buffer)[]): Buffer {
  const content = Buffer.concat(contents.map((part) => Buffer.from(part)));
  if (number > 15)
    return Buffer.concat([Buffer.from([((number & 15) << 3) | 0x82, number >> 4, content.length]), content]);
  return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
}

const named = (number: number, name: string, ...value: readonly Buffer[]) =>
  field(number, field(1, name), field(2, ...value));

const second = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const third = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf';

test('readOpenApiMessage() reads version 2 as its JSON would be', () => {
  const action = named(13, 'x-kubernetes-action', field(2, 'list\n'));
  const response = field(9, named(1, '200', field(1, field(2, field(1, field(1, '#/definitions/List'))))));
  const operation = field(2, field(5, 'listNodes'), response, action);
  const list = named(1, 'List', field(22, field(1, 'object')), field(19, 'items'));
  const document = [field(1, '2.0'), field(8, named(2, '/nodes', operation)), field(9, list)];
  expect(readOpenApiMessage(second, Buffer.concat(document))).toEqual({
    swagger: '2.0',
    paths: {
      '/nodes': {
        get: {
          operationId: 'listNodes',
          responses: { '200': { $ref: '#/definitions/List' } },
          'x-kubernetes-action': 'list',
        },
      },
    },
    definitions: { List: { type: 'object', required: ['items'] } },
  });
});

test('readOpenApiMessage() reads schemas of version 3', () => {
  const reference = field(2, field(1, '#/components/schemas/Node'));
  const items = field(30, field(1, reference));
  const list = named(1, 'List', field(1, field(25, 'array'), items));
  const components = field(5, field(1, list));
  expect(readOpenApiMessage(third, Buffer.concat([field(1, '3.0.0'), components]))).toEqual({
    openapi: '3.0.0',
    components: { schemas: { List: { type: 'array', items: { $ref: '#/components/schemas/Node' } } } },
  });
});

test('readOpenApiMessage() leaves out what is not described', () => {
  expect(readOpenApiMessage(second, Buffer.concat([field(1, '2.0'), field(15, 'x')]))).toEqual({
    swagger: '2.0',
  });
});
