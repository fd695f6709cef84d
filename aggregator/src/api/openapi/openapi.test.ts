import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ApiRequest, ApiResponse } from '../protocol/api-message.ts';
import { createOpenApi, openApiPaths } from './openapi.ts';

const startMs = Date.UTC(2026, 10, 22, 12, 0, 42, 987);
const lastModified = 'Sun, 22 Nov 2026 12:00:42 GMT';
const v1 = '/openapi/v3/apis/metrics.k8s.io/v1';

let nowMs = startMs;
const respond = createOpenApi({ version: 'v0.1.0', verbs: ['get', 'list'], wallMs: () => nowMs });
nowMs += 60_000;

function ask(target: string, headers: Readonly<Record<string, string>> = {}): ApiResponse {
  const [path = '', query = ''] = target.split('?');
  const request: ApiRequest = {
    ...{ method: 'GET', path, query: new URLSearchParams(query) },
    header: (name) => headers[name],
  };
  const response = respond(request);
  if (response === undefined) throw new Error(`no answer to ${target}`);
  return response;
}

const digestOf = ({ body }: ApiResponse) =>
  createHash('sha512').update(String(body)).digest('hex').toUpperCase();

const served = [
  'apis',
  'apis/metrics.k8s.io',
  'apis/metrics.k8s.io/v1',
  'apis/metrics.k8s.io/v1beta1',
  'version',
];

test('createOpenApi() lists every document of v3 under the hash of what it serves', () => {
  const { paths } = JSON.parse(String(ask('/openapi/v3').body));
  expect(Object.keys(paths)).toEqual(served);
  for (const path of served) {
    const document = ask(`/openapi/v3/${path}`);
    expect(paths[path]).toEqual({ serverRelativeURL: `/openapi/v3/${path}?hash=${digestOf(document)}` });
    expect(document.headers['Etag']).toBe(`"${digestOf(document)}"`);
  }
});

test.each(['/openapi', '/openapi/v2/', '/openapi/v2/x', '/openapi/v4', '/apis', '/openapi/v3x'])(
  'createOpenApi() leaves %s to others',
  (path) => {
    const request = { method: 'GET', path, query: new URLSearchParams(), header: () => undefined };
    expect(respond(request)).toBeUndefined();
  },
);

test.each(['', 'apis/', 'apis/nope/v1', 'apis/metrics.k8s.io/v2', 'api/v1', '__proto__'])(
  'createOpenApi() answers 404 to /openapi/v3/%s',
  (path) => {
    const { status, body } = ask(`/openapi/v3/${path}`);
    expect([status, JSON.parse(String(body))]).toMatchObject([404, { kind: 'Status', reason: 'NotFound' }]);
  },
);

test('openApiPaths are the ones that are answered', () => {
  expect(openApiPaths.map((path) => ask(path).status)).toEqual([200, 200, 404]);
});

describe('createOpenApi() lets a document be kept', () => {
  const uncached = { 'Cache-Control': 'no-cache, private', 'Last-Modified': lastModified };

  test('for a year under its hash', () => {
    const digest = digestOf(ask(v1));
    expect(ask(`${v1}?hash=${digest}`)).toMatchObject({
      status: 200,
      headers: { 'Cache-Control': 'public, immutable', Expires: 'Mon, 22 Nov 2027 12:01:42 GMT' },
    });
  });

  test.each(['', '?hash=', '?hash=BAD'])('not at all under %j, and redirects nobody', (query) => {
    const { status, headers } = ask(`${v1}${query}`);
    expect([status, headers]).toEqual([
      200,
      { ...uncached, Etag: expect.any(String), Vary: 'Accept', 'Content-Type': 'application/json' },
    ]);
  });

  test('not at all when it is the index, which is JSON to everybody', () => {
    const { status, headers } = ask('/openapi/v3', { accept: 'text/html' });
    const index = { ...uncached, Etag: expect.any(String), 'Content-Type': 'application/json' };
    expect([status, headers]).toEqual([200, index]);
  });
});

describe.each([v1, '/openapi/v2', '/openapi/v3'])('createOpenApi() answers %s', (path) => {
  const etag = String(ask(path).headers['Etag']);
  test.each([
    ['304', { 'if-none-match': etag }],
    ['304', { 'if-none-match': `W/${etag}` }],
    ['304', { 'if-none-match': `"x", ${etag}` }],
    ['304', { 'if-none-match': '*' }],
    ['304', { 'if-modified-since': lastModified }],
    ['304', { 'if-modified-since': 'Mon, 23 Nov 2026 12:00:42 GMT' }],
    ['200', { 'if-none-match': '"x"' }],
    ['200', { 'if-none-match': '"x"', 'if-modified-since': lastModified }],
    ['200', { 'if-modified-since': 'Sun, 22 Nov 2026 12:00:41 GMT' }],
    ['200', { 'if-modified-since': 'yesterday' }],
  ])('with %s to %j', (status, headers) => {
    const response = ask(path, headers);
    expect(String(response.status)).toBe(status);
    if (response.status === 200) return;
    expect(response.body).toBe('');
    expect(response.headers).toMatchObject({ Etag: etag });
    expect(response.headers).not.toHaveProperty('Content-Type');
  });
});

describe.each([v1, '/openapi/v2'])('createOpenApi() answers %s', (path) => {
  test.each([
    ...['', '*/*', '*', 'application/*', 'application/json', 'application/json;charset=utf-8'],
    ...['application/json, */*', 'text/html, application/json;q=0.1', 'application/json;q=0'],
  ])('with JSON to Accept: %s', (accept) => {
    const { status, headers } = ask(path, { accept });
    expect([status, headers['Content-Type']]).toEqual([200, 'application/json']);
  });

  test.each(['text/html', 'Application/JSON', 'application/yaml', 'application/vnd.kubernetes.protobuf'])(
    'with an empty 406 to Accept: %s',
    (accept) => {
      const headers = { 'Cache-Control': 'no-cache, private', Vary: 'Accept' };
      expect(ask(path, { accept })).toMatchObject({ status: 406, headers, body: '' });
    },
  );
});

test.each([
  ['/openapi/v2', 'v2', '@'],
  ['/openapi/v2', 'v2', '.'],
  [v1, 'v3', '@'],
  [v1, 'v3', '.'],
])('createOpenApi() answers %s in protobuf of %s, spelled with %s', (path, specification, separator) => {
  const type = (mark: string) =>
    `application/com.github.proto-openapi.spec.${specification}${mark}v1.0+protobuf`;
  const { status, headers, body } = ask(path, { accept: type(separator) });
  expect([status, headers['Content-Type']]).toEqual([200, type('.')]);
  expect(headers['Etag']).toBe(ask(path).headers['Etag']);
  // Field 1 of either message is the version of the specification.
  expect((body as Buffer)[0]).toBe((1 << 3) | 2);
});
