import { describe, expect, test } from 'vitest';
import { accepting, requestFor } from '../fixture-reader.ts';
import { parseAccept } from './accept-header.ts';
import { itemTransforms, mediaTypes, negotiate, routeProduces, untransformed } from './negotiation.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const table = { kind: 'Table', group: 'meta.k8s.io', version: 'v1' };

test.each([
  [undefined, true],
  ['', true],
  ['*/*', true],
  ['application/json', true],
  ['text/html, application/yaml;q=0.1', true],
  ['application/json;as=Table;v=v1;g=meta.k8s.io', true],
  ['application/*', false],
  ['Application/JSON', false],
  ['application/cbor', false],
  ['text/html,*', false],
  ['application/json\t;q=1', false],
  [' application/json ;q=1', true],
])('routeProduces(%j) is %s', (accept, expected) => {
  expect(routeProduces(accept, mediaTypes)).toBe(expected);
});

test.each([
  ['a/b/c', []],
  ['a/b/', ['a/b']],
  ['*', ['*/*']],
  ['*/', ['*/*']],
  ['a/', []],
  ['a', []],
  [',,a/b,', ['a/b']],
])('parseAccept(%j) is %j', (header, expected) => {
  expect(parseAccept(header).map(({ type, subtype }) => `${type}/${subtype}`)).toEqual(expected);
});

test('parseAccept() reads so many entries and no more', () => {
  const header = `${'*/*,'.repeat(100_000)}${'a/b,'.repeat(100_000)}a/b`;
  expect(parseAccept(header)).toHaveLength(64);
  expect(parseAccept(`a${' '.repeat(1_000_000)}/b`)).toEqual([]);
});

test('parseAccept() sorts by quality, then names before wildcards, and drops what is malformed', () => {
  const header = 'a/b;q=0.5, */*, c/*, d/e;x=1;y;z=1=2, f, g/h/i, j/k;q=high';
  expect(parseAccept(header).map(({ type, subtype, quality }) => [type, subtype, quality])).toEqual([
    ['d', 'e', 1],
    ['c', '*', 1],
    ['*', '*', 1],
    ['a', 'b', 0.5],
    ['j', 'k', 0],
  ]);
  expect([...(parseAccept('d/e;x=1;y;z=1=2')[0]?.parameters ?? [])]).toEqual([['x', '1']]);
});

describe('negotiate()', () => {
  const tableJson = { mediaType: 'application/json', transform: table };
  test.each([
    ['', { mediaType: 'application/json' }],
    ['*/*', { mediaType: 'application/json' }],
    ['application/*', { mediaType: 'application/json' }],
    ['application/json', { mediaType: 'application/json' }],
    ['application/yaml', { mediaType: 'application/yaml' }],
    [protobuf, { mediaType: protobuf }],
    // kubectl top, controller manager
    [`${protobuf}, */*`, { mediaType: protobuf }],
    [`${protobuf},application/json`, { mediaType: protobuf }],
    ['application/json, */*', { mediaType: 'application/json' }],
    // kubectl get
    [
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
      tableJson,
    ],
    ['application/yaml;as=Table;v=v1;g=meta.k8s.io', { mediaType: 'application/yaml', transform: table }],
    // A Table has no protobuf form.
    [`${protobuf};as=Table;v=v1;g=meta.k8s.io`, undefined],
    [`${protobuf};as=Table;v=v1;g=meta.k8s.io,application/json`, { mediaType: 'application/json' }],
    ['*/*;as=Table;v=v1;g=meta.k8s.io', tableJson],
    // Metadata clients
    [
      `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json`,
      { mediaType: protobuf, transform: { ...table, kind: 'PartialObjectMetadataList' } },
    ],
    ['application/json;as=Table;v=v2;g=meta.k8s.io', undefined],
    ['application/json;as=Table;v=v1;g=metrics.k8s.io', undefined],
    ['application/json;as=Status;v=v1;g=meta.k8s.io', undefined],
    ['application/json;v=v1', undefined],
    // Clients that could have CBOR
    ['application/json;q=0.9,application/cbor;q=1', { mediaType: 'application/json' }],
    ['application/yaml;q=0.5,application/json;q=0.4', { mediaType: 'application/yaml' }],
    ['application/cbor', undefined],
    ['application/json;stream=watch', { mediaType: 'application/json' }],
    ['application/json;stream=other', undefined],
    ['application/json;sv=v1', { mediaType: 'application/json' }],
    ['application/json;sv=v2', undefined],
    ['application/yaml;stream=watch', undefined],
    ['application/json;as=Table=;v=v1;g=meta.k8s.io', tableJson],
    ['application/json;profile=nopeer', { mediaType: 'application/json' }],
    // What goautoneg makes of qualities: the later of the two moves ahead.
    ['*/*, application/yaml;q=0.5', { mediaType: 'application/yaml' }],
    ['application/yaml;q=0.5, */*', { mediaType: 'application/json' }],
    ['application/yaml;q=0', { mediaType: 'application/yaml' }],
    ['application/yaml;q= 0.9,application/json;q=0.1', { mediaType: 'application/json' }],
    ['application/json;charset=utf-8;profile=x', { mediaType: 'application/json' }],
  ])('%s', (accept, expected) => {
    const form = negotiate(requestFor('/', accepting(accept)), itemTransforms);
    expect(form).toEqual(expected === undefined ? undefined : { ...expected, pretty: false });
  });

  test.each(['as=Table;v=v1;g=meta.k8s.io', 'sv=v1'])(
    'keeps %s to the endpoints that know transforms',
    (parameters) => {
      const request = requestFor('/', accepting(`application/json;${parameters}`));
      expect(negotiate(request, untransformed)).toBeUndefined();
    },
  );

  test.each([
    ['/', 'curl/8.5.0', true],
    ['/', 'Wget/1.21', true],
    ['/', 'Mozilla/5.0 (X11)', true],
    ['/', 'kubectl/v1.36.3', false],
    ['/?pretty=true', 'kubectl/v1.36.3', true],
    ['/?pretty=0', 'curl/8.5.0', false],
    ['/?pretty=yes', 'curl/8.5.0', false],
    ['/?pretty=', 'curl/8.5.0', true],
  ])('%s of %s: pretty is %s', (target, agent, pretty) => {
    const request = requestFor(target, { headers: { 'user-agent': agent } });
    expect(negotiate(request, untransformed)?.pretty).toBe(pretty);
  });

  test('takes pretty=1 as a parameter of the media type too', () => {
    expect(negotiate(requestFor('/', accepting('application/json;pretty=1')), untransformed)?.pretty).toBe(
      true,
    );
  });
});
