import { describe, expect, it } from 'vitest';
import { type Definition, openApiV2Protobuf } from './openapi-v2-protobuf.ts';

const hexOf = (definitions: Readonly<Record<string, Definition>>) =>
  openApiV2Protobuf('t', 'v', definitions).toString('hex');
const text = (value: string) => Buffer.from(value).toString('hex');
/** swagger 2.0, info, no paths. */
const head = `0a03${text('2.0')}12060a01${text('t')}1201${text('v')}4200`;

describe('openApiV2Protobuf()', () => {
  it('writes fields under the numbers of gnostic', () => {
    expect(hexOf({})).toBe(`${head}4a00`);
    const schema = `2201${text('d')}b20103${'0a01'}${text('s')}`;
    const named = `0a01${text('N')}12${'09'}${schema}`;
    expect(hexOf({ N: { description: 'd', type: 's' } })).toBe(`${head}4a10${'0a0e'}${named}`);
  });

  it('writes lengths over 127 in several bytes', () => {
    const bytes = openApiV2Protobuf('t', 'v', { N: { description: 'x'.repeat(300) } });
    expect(bytes.includes(Buffer.from([0x22, 0xac, 0x02, 0x78]))).toBe(true);
  });

  it('writes references, items, properties, additional properties and extensions', () => {
    const found = openApiV2Protobuf('t', 'v', {
      N: {
        required: ['map'],
        properties: {
          map: { type: 'object', additionalProperties: { $ref: '#/definitions/Q' } },
          list: { type: 'array', items: { type: 'string' } },
          any: { type: 'object', additionalProperties: true },
        },
        'x-kind': [{ version: 'v1' }],
      },
    });
    for (const part of ['#/definitions/Q', 'map', 'list', 'x-kind', '[{"version":"v1"}]\n'])
      expect(found.includes(part)).toBe(true);
    // additionalProperties: true
    expect(found.includes(Buffer.from([0xaa, 0x01, 0x02, 0x10, 0x01]))).toBe(true);
  });
});
