import { describe, expect, test } from 'vitest';
import { accepting, ask, hexOf } from './fixture-reader.ts';
import type { ApiResponse } from './protocol/api-message.ts';

const base = '/apis/metrics.k8s.io/v1beta1';
const json = { 'Cache-Control': 'no-cache, private', 'Content-Type': 'application/json' };

function failure(code: number, reason: string, message: string, details?: object): ApiResponse {
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason };
  const body = JSON.stringify({ ...head, details, code })
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e');
  return { status: code, headers: json, body: `${body}\n` };
}

const noSuchPath = failure(404, 'NotFound', 'the server could not find the requested resource', {});
const noSuchMethod = failure(
  405,
  'MethodNotAllowed',
  'the server does not allow this method on the requested resource',
  {},
);
const group = 'metrics.k8s.io';

describe('createMetricsApi() answers errors byte by byte:', () => {
  test.each([
    [`${base}/nodes/X`, failure(404, 'NotFound', 'node "X" not found', { name: 'X', kind: 'node' })],
    [
      `${base}/nodes/node-new`,
      failure(404, 'NotFound', 'nodemetrics.metrics.k8s.io "node-new" not found', {
        name: 'node-new',
        group,
        kind: 'nodemetrics',
      }),
    ],
    [
      `${base}/namespaces/default/pods/P`,
      failure(404, 'NotFound', 'pods "P" not found', { name: 'P', kind: 'pods' }),
    ],
    [
      `${base}/namespaces/default/pods/web-new`,
      failure(404, 'NotFound', 'podmetrics.metrics.k8s.io "default/web-new" not found', {
        name: 'default/web-new',
        group,
        kind: 'podmetrics',
      }),
    ],
    [`${base}/nodes/%22%3C`, failure(404, 'NotFound', 'node "\\"<" not found', { name: '"<', kind: 'node' })],
    [`${base}/bogus`, noSuchPath],
    [`${base}/pods/web-1`, noSuchPath],
    [`${base}/nodes/node-a/status`, noSuchPath],
    [`${base}/nodes/a%2Fb`, noSuchPath],
    [`${base}/watch/nodes`, noSuchPath],
    [`${base}/namespaces//pods/`.replace('pods/', 'nodes'), noSuchPath],
    [`${base}/nodes//x`, noSuchPath],
    [`${base}/namespaces/default`, noSuchPath],
    ['/apis/metrics.k8s.io/v2', noSuchPath],
    ['/version/x', noSuchPath],
    ['/apis/metrics.k8s.io/v2/nodes', noSuchPath],
    [
      `${base}/pods?watch=true`,
      failure(405, 'MethodNotAllowed', 'watch is not supported on resources of kind "pods.metrics.k8s.io"', {
        group,
        kind: 'pods',
      }),
    ],
    [
      `${base}/nodes?labelSelector=%3Cnil`,
      failure(400, 'BadRequest', "found '<', expected: !, identifier, or 'end of string'"),
    ],
    [
      `${base}/pods?fieldSelector=spec.nodeName%3Da`,
      failure(
        400,
        'BadRequest',
        '"spec.nodeName" is not a known field selector: only "metadata.name", "metadata.namespace"',
      ),
    ],
    [`${base}/pods?limit=abc`, failure(400, 'BadRequest', 'strconv.ParseInt: parsing "abc": invalid syntax')],
    [
      '/apis?timeout=abc',
      failure(
        400,
        'BadRequest',
        'invalid timeout specified in the request URL - time: invalid duration "abc"',
      ),
    ],
    [
      `${base}/pods?resourceVersionMatch=Exact`,
      failure(
        422,
        'Invalid',
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
        {
          group: 'meta.k8s.io',
          kind: 'ListOptions',
          causes: [
            {
              reason: 'FieldValueForbidden',
              message: 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
              field: 'resourceVersionMatch',
            },
          ],
        },
      ),
    ],
    ['/apis/%zz', failure(400, 'BadRequest', 'the path of the request is not valid percent-encoding')],
  ])('%s', (target, expected) => {
    expect(ask(target)).toEqual(expected);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE'])('405 to %s', (method) => {
    for (const path of [
      '/apis',
      '/apis/metrics.k8s.io',
      base,
      `${base}/nodes`,
      `${base}/nodes/x`,
      '/version',
    ]) {
      expect(ask(path, { method })).toEqual(noSuchMethod);
    }
  });

  test('a watch has no deadline, a GET by name is never a watch', () => {
    expect(ask(`${base}/pods?watch=1&timeout=abc`).status).toBe(405);
    expect(ask(`${base}/nodes/node-a?watch=1`).status).toBe(200);
  });
});

describe('createMetricsApi() answers 406 indented and without a newline at the end:', () => {
  const streams = ', application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
  test.each([
    [`${base}/nodes`, streams],
    ['/apis', ''],
    ['/apis/metrics.k8s.io', ''],
    [base, ''],
  ])('%s for what no route produces', (path, more) => {
    expect(ask(path, accepting('application/cbor'))).toEqual({
      status: 406,
      headers: json,
      body: `{
  "kind": "Status",
  "apiVersion": "v1",
  "metadata": {},
  "status": "Failure",
  "message": "406: Not Acceptable\\n\\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf${more}",
  "reason": "NotAcceptable",
  "details": {},
  "code": 406
}`,
    });
  });

  test.each([
    [`${base}/nodes`, 'application/json;as=Table;v=v3;g=meta.k8s.io'],
    [base, 'application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io'],
    ['/apis/metrics.k8s.io', 'application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io'],
  ])('%s for a transform that is not there', (path, accept) => {
    const { status, body } = ask(path, accepting(accept));
    expect(status).toBe(406);
    expect(body).toBe(`{
  "kind": "Status",
  "apiVersion": "v1",
  "metadata": {},
  "status": "Failure",
  "message": "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf",
  "reason": "NotAcceptable",
  "code": 406
}`);
  });
});

describe('createMetricsApi() negotiates errors:', () => {
  test('406 to who wants /version in another form than JSON', () => {
    const { status, headers, body } = ask('/version', accepting('application/yaml'));
    expect([status, headers['Content-Type']]).toEqual([406, 'application/yaml']);
    expect(body).toContain('Available representations: application/json\n');
  });

  test('protobuf, as kubectl top asks for', () => {
    const response = ask(`${base}/nodes/nope`, accepting('application/vnd.kubernetes.protobuf, */*'));
    expect(response.status).toBe(404);
    expect(response.headers['Content-Type']).toBe('application/vnd.kubernetes.protobuf');
    expect(hexOf(response)).toBe(
      '6b3873000a0c0a0276311206537461747573' +
        '12490a060a0012001a0012074661696c7572651a156e6f646520226e6f706522206e6f7420666f756e6422084e6f74466f756e64' +
        '2a120a046e6f706512001a046e6f646528003200309403' +
        '1a002200',
    );
  });

  test('yaml', () => {
    const { headers, body } = ask(`${base}/bogus`, accepting('application/yaml'));
    expect(headers['Content-Type']).toBe('application/yaml');
    expect(body).toBe(
      'apiVersion: v1\ncode: 404\ndetails: {}\nkind: Status\n' +
        'message: the server could not find the requested resource\n' +
        'metadata: {}\nreason: NotFound\nstatus: Failure\n',
    );
  });

  test('indented JSON when only transforms are accepted', () => {
    const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    expect(ask(`${base}/nodes/X`, accepting(table)).body).toMatch(/^\{\n {2}"kind": "Status",[\s\S]*\n\}$/);
    expect(ask(`${base}/nodes/X`, accepting(`${table},application/json`)).body).toMatch(
      /^\{"kind":"Status",.*\}\n$/,
    );
  });
});

test('createMetricsApi() answers paths outside the API with the index, whatever the method and Accept', () => {
  const own = ['/apis', '/apis/metrics.k8s.io', base.replace('beta1', ''), base, '/livez'];
  const paths = [...own, '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/readyz', '/version'];
  const body = JSON.stringify({ paths }, null, 2);
  for (const path of ['/', '/index.html']) expect(ask(path)).toEqual({ status: 200, headers: json, body });
  for (const path of ['/bogus', '/apis/apps', '/apis/apps/v1', '/api', '//', '', '/apis//']) {
    expect(ask(path, { method: 'POST', headers: { accept: 'text/html' } })).toEqual({
      status: 404,
      headers: json,
      body,
    });
  }
});

test('createMetricsApi() answers /version as indented JSON', () => {
  expect(ask('/version', accepting('application/json, */*'))).toEqual({
    status: 200,
    headers: json,
    body: `{
  "major": "1",
  "minor": "0",
  "gitVersion": "v1.0.0",
  "gitCommit": "",
  "gitTreeState": "",
  "buildDate": "",
  "goVersion": "",
  "compiler": "",
  "platform": "linux/amd64"
}`,
  });
});
