import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ask } from './fixture-reader.ts';

const segment = fc.oneof(
  fc.constantFrom(
    'apis',
    'metrics.k8s.io',
    'v1',
    'v1beta1',
    'nodes',
    'pods',
    'namespaces',
    'default',
    'node-a',
    'web-1',
  ),
  fc.constantFrom('', '%', '%2F', '%00', '..', 'version'),
  fc.string(),
);
const below = fc.constantFrom(
  '',
  '/apis',
  '/apis/metrics.k8s.io',
  '/apis/metrics.k8s.io/v1',
  '/apis/metrics.k8s.io/v1/pods',
);
const path = fc
  .tuple(below, fc.array(segment, { maxLength: 4 }))
  .map(([start, rest]) => [start, ...rest].join('/'));

const parameter = fc.tuple(
  fc.constantFrom(
    'labelSelector',
    'fieldSelector',
    'limit',
    'timeout',
    'pretty',
    'includeObject',
    'resourceVersionMatch',
  ),
  fc.oneof(fc.string(), fc.constantFrom('a in (b)', 'metadata.name=web-1', '5', '10s', '1', 'None', 'Exact')),
);
const query = fc.array(parameter, { maxLength: 3 }).map((pairs) => new URLSearchParams(pairs).toString());

const mediaType = fc.constantFrom(
  '*/*',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'a',
);
const suffix = fc.constantFrom(
  '',
  ';q=0.5',
  ';as=Table',
  ';as=PartialObjectMetadata',
  ';as=PartialObjectMetadataList',
);
const clause = fc
  .tuple(mediaType, suffix)
  .map(([type, parameters]) => `${type}${parameters};g=meta.k8s.io;v=v1`);
const accept = fc.oneof(
  fc.string(),
  mediaType,
  fc.array(clause, { maxLength: 3 }).map((clauses) => clauses.join(',')),
);
const method = fc.constantFrom('GET', 'GET', 'GET', 'POST', 'HEAD');

test('createMetricsApi() has a well-formed answer to every request', () => {
  fc.assert(
    fc.property(method, path, query, accept, (verb, target, search, wanted) => {
      const { status, headers, body } = ask(`${target.replaceAll('?', '')}?${search}`, {
        method: verb,
        headers: { accept: wanted },
      });
      expect([200, 400, 404, 405, 406, 422]).toContain(status);
      if (headers['Content-Type'] === 'application/json') JSON.parse(String(body));
      else if (Buffer.isBuffer(body)) expect(body.subarray(0, 4)).toEqual(Buffer.from('k8s\0'));
      else expect(headers['Content-Type']).toBe('application/yaml');
    }),
    { numRuns: 20_000 },
  );
});
