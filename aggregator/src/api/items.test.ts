import { describe, expect, test } from 'vitest';
import { accepting, ask, bare, database, fixtureReader, hexOf, requestedMs, web } from './fixture-reader.ts';
import { prefixed, text, varint } from './protocol/fixture-protobuf.ts';

const versions = ['v1', 'v1beta1'];
const path = (version: string, rest: string) => `/apis/metrics.k8s.io/${version}/${rest}`;
const protobuf = 'application/vnd.kubernetes.protobuf';

const created = '"creationTimestamp":"2026-11-22T12:00:44Z"';
const sample = '"timestamp":"2026-11-22T12:00:42Z","window":"10s"';
const nodeAItem = `"metadata":{"name":"node-a",${created},"labels":{"kubernetes.io/os":"linux","zone":"x"}},${sample},"usage":{"cpu":"250m","memory":"1536Mi"}}`;
const nodeBItem = `"metadata":{"name":"node-b",${created}},"timestamp":"2026-11-22T12:00:42Z","window":"9.98s","usage":{"cpu":"0","memory":"1536Mi","swap":"0"}}`;
const containers =
  '"containers":[{"name":"app","usage":{"cpu":"12345591n","memory":"3Gi"}},{"name":"proxy","usage":{"cpu":"1u","memory":"1k"}}]}';
const webItem = `"metadata":{"name":"web-1","namespace":"default",${created},"labels":{"app":"web","app.kubernetes.io/name":"web"}},${sample},${containers}`;
const bareItem = `"metadata":{"name":"web-2","namespace":"default",${created}},${sample},${containers}`;
const databaseItem = `"metadata":{"name":"db-1","namespace":"storage",${created},"labels":{"app":"db"}},${sample},${containers}`;

function list(version: string, kind: string, ...items: string[]): string {
  const elements = items.map((item) => `{${item}`).join(',');
  return `{"kind":"${kind}","apiVersion":"metrics.k8s.io/${version}","metadata":{},"items":[${elements}]}\n`;
}

describe.each(versions)('%s as JSON:', (version) => {
  const one = (kind: string, item: string) =>
    `{"kind":"${kind}","apiVersion":"metrics.k8s.io/${version}",${item}\n`;
  const podList = (...items: string[]) => list(version, 'PodMetricsList', ...items);
  const nodeList = (...items: string[]) => list(version, 'NodeMetricsList', ...items);

  test.each([
    ['nodes', nodeList(nodeAItem, nodeBItem)],
    ['nodes/', nodeList(nodeAItem, nodeBItem)],
    ['nodes?limit=1', nodeList(nodeAItem, nodeBItem)],
    ['nodes?labelSelector=zone', nodeList(nodeAItem)],
    ['nodes?fieldSelector=metadata.name%21%3Dnode-a', nodeList(nodeBItem)],
    ['nodes?fieldSelector=metadata.namespace%3Dx', nodeList()],
    ['nodes/node-a', one('NodeMetrics', nodeAItem)],
    ['nodes/node%2Da', one('NodeMetrics', nodeAItem)],
    ['pods', podList(webItem, bareItem, databaseItem)],
    ['pods?labelSelector=app+in+%28web%2Cdb%29', podList(webItem, databaseItem)],
    ['pods?labelSelector=%21app', podList(bareItem)],
    ['pods?fieldSelector=metadata.namespace%3Dstorage&labelSelector=app', podList(databaseItem)],
    ['namespaces/default/pods', podList(webItem, bareItem)],
    ['namespaces/nowhere/pods', podList()],
    ['namespaces/default/pods/web-1', one('PodMetrics', webItem)],
  ])('%s', (rest, body) => {
    const headers = { 'Cache-Control': 'no-cache, private', 'Content-Type': 'application/json' };
    expect(ask(path(version, rest))).toEqual({ status: 200, headers, body });
  });
});

test('an empty reader gives an empty list, not null', () => {
  expect(ask(path('v1', 'nodes'), {}, fixtureReader([], [])).body).toBe(list('v1', 'NodeMetricsList'));
});

test('pretty JSON has two blanks and no newline at the end', () => {
  const { body } = ask(path('v1', 'pods'), { headers: { 'user-agent': 'curl/8.5.0' } });
  expect(body).toBe(
    JSON.stringify(JSON.parse(list('v1', 'PodMetricsList', webItem, bareItem, databaseItem)), null, 2),
  );
});

test('yaml', () => {
  const { body, headers } = ask(path('v1', 'nodes/node-b'), accepting('application/yaml'));
  expect(headers['Content-Type']).toBe('application/yaml');
  expect(body).toBe(`apiVersion: metrics.k8s.io/v1
kind: NodeMetrics
metadata:
  creationTimestamp: "2026-11-22T12:00:44Z"
  name: node-b
timestamp: "2026-11-22T12:00:42Z"
usage:
  cpu: "0"
  memory: 1536Mi
  swap: "0"
window: 9.98s
`);
  expect(ask(path('v1', 'namespaces/nowhere/pods'), accepting('application/yaml')).body).toContain(
    'items: []\n',
  );
});

describe('protobuf', () => {
  test('of an empty list is the known vector', () => {
    const response = ask(path('v1beta1', 'namespaces/nowhere/pods'), accepting(`${protobuf}, */*`));
    expect(response.headers['Content-Type']).toBe(protobuf);
    expect(hexOf(response)).toBe(
      '6b3873000a280a166d6574726963732e6b38732e696f2f76316265746131120e506f644d6574726963734c697374' +
        '12080a060a0012001a001a002200',
    );
  });

  test('of a node has every field that Go writes, in its order', () => {
    const time = prefixed(`08${varint(Date.UTC(2026, 10, 22, 12, 0, 42) / 1000)}1000`);
    const created = prefixed(`08${varint(requestedMs / 1000)}1000`);
    const metadata = `0a${text('node-b')}12001a0022002a003200380042${created}`;
    const entry = (key: string, quantity: string) =>
      `22${prefixed(`0a${text(key)}12${prefixed(`0a${text(quantity)}`)}`)}`;
    const usage = entry('cpu', '0') + entry('memory', '1536Mi') + entry('swap', '0');
    const window = prefixed(`08${varint(9_980_000_000)}`);
    const typeMeta = `0a${text('metrics.k8s.io/v1')}12${text('NodeMetrics')}`;
    const node = `0a${prefixed(metadata)}12${time}1a${window}${usage}`;
    expect(hexOf(ask(path('v1', 'nodes/node-b'), accepting(protobuf)))).toBe(
      `6b3873000a${prefixed(typeMeta)}12${prefixed(node)}1a002200`,
    );
  });

  test('differs between versions in nothing but the version', () => {
    const [v1, v1beta1] = versions.map((version) => hexOf(ask(path(version, 'pods'), accepting(protobuf))));
    const at = (version: string) => Buffer.from(`metrics.k8s.io/${version}`).toString('hex');
    const tail = (body: string | undefined, version: string) =>
      body?.slice(body.indexOf(at(version)) + at(version).length);
    expect(tail(v1, 'v1')).toBe(tail(v1beta1, 'v1beta1'));
  });

  test('of a list holds the items as they are one by one', () => {
    const whole = hexOf(ask(path('v1', 'pods'), accepting(protobuf)));
    for (const pod of [web, bare, database]) {
      const single = hexOf(
        ask(path('v1', `namespaces/${pod.namespace}/pods/${pod.name}`), accepting(protobuf)),
      );
      const raw = single.slice(single.indexOf(Buffer.from('PodMetrics').toString('hex')) + 20, -8);
      expect(whole).toContain(raw);
    }
  });
});

describe('as=Table', () => {
  const table = (v: string) => accepting(`application/json;as=Table;v=${v};g=meta.k8s.io`);
  const column = (name: string, format: string, description = '') =>
    `{"name":"${name}","type":"string","format":"${format}","description":"${description}","priority":0}`;
  const columns = (...resources: string[]) =>
    [
      column('Name', 'name', 'Name of the node or pod that the metrics are of.'),
      ...resources.map((name) => column(name, 'quantity')),
      column('Window', 'duration'),
    ].join(',');
  const partial = (v: string, item: string) =>
    `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${v}",${item.slice(0, item.indexOf(',"timestamp"'))}}`;
  const whole = (v: string, definitions: string, rows: string) =>
    `{"kind":"Table","apiVersion":"meta.k8s.io/${v}","metadata":{},"columnDefinitions":${definitions},"rows":${rows}}\n`;

  test.each(['v1', 'v1beta1'])('%s has one row for each pod, its containers summed', (v) => {
    const cells = (name: string) => `{"cells":["${name}","12346591n","3221226472","10s"],"object":`;
    const rows = `[${cells('web-1')}${partial(v, webItem)}},${cells('web-2')}${partial(v, bareItem)}}]`;
    const response = ask(path('v1', 'namespaces/default/pods'), table(v));
    expect(response.headers['Content-Type']).toBe('application/json');
    expect(response.body).toBe(whole(v, `[${columns('cpu', 'memory')}]`, rows));
  });

  test('has a swap column when anything has swap, and <unknown> where it is not known', () => {
    const { body } = ask(path('v1', 'nodes'), table('v1'));
    const rows = `[{"cells":["node-a","250m","1536Mi","\\u003cunknown\\u003e","10s"],"object":${partial('v1', nodeAItem)}},{"cells":["node-b","0","1536Mi","0","9.98s"],"object":${partial('v1', nodeBItem)}}]`;
    expect(body).toBe(whole('v1', `[${columns('cpu', 'memory', 'swap')}]`, rows));
  });

  test('of nothing has neither columns nor rows', () => {
    expect(ask(path('v1', 'namespaces/nowhere/pods'), table('v1')).body).toBe(whole('v1', 'null', 'null'));
  });

  test('puts into a row what includeObject says', () => {
    const object = (include: string) => {
      const { body } = ask(path('v1', `nodes/node-a?includeObject=${include}`), table('v1'));
      return JSON.stringify(JSON.parse(String(body)).rows[0].object);
    };
    expect(object('Metadata')).toBe(partial('v1', nodeAItem));
    expect(object('None')).toBe('null');
    expect(object('Object')).toBe(`{"kind":"NodeMetrics","apiVersion":"metrics.k8s.io/v1",${nodeAItem}`);
    const refused = ask(
      path('v1', 'nodes?includeObject=Bogus'),
      accepting('application/json;as=Table;v=v1;g=meta.k8s.io,application/json'),
    );
    expect(refused.status).toBe(400);
    expect(refused.body).toContain(
      `"message":"Unable to convert to Table as requested: includeObject: Invalid value: \\"Bogus\\": must be 'Metadata', 'Object', 'None', or empty","reason":"BadRequest","code":400`,
    );
  });

  test('has a yaml form', () => {
    const { body } = ask(
      path('v1', 'nodes/node-a'),
      accepting('application/yaml;as=Table;v=v1;g=meta.k8s.io'),
    );
    expect(body).toMatch(/^apiVersion: meta.k8s.io\/v1\ncolumnDefinitions:\n- description: Name of/);
  });
});

describe('as=PartialObjectMetadata', () => {
  const as = (kind: string, type = 'application/json') => accepting(`${type};as=${kind};v=v1;g=meta.k8s.io`);
  const metadata = (item: string) =>
    `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",${item.slice(0, item.indexOf(',"timestamp"'))}}`;

  test('of one object and of a list', () => {
    expect(ask(path('v1', 'nodes/node-b'), as('PartialObjectMetadata')).body).toBe(
      `${metadata(nodeBItem)}\n`,
    );
    expect(ask(path('v1', 'nodes'), as('PartialObjectMetadataList')).body).toBe(
      `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{},"items":[${metadata(nodeAItem)},${metadata(nodeBItem)}]}\n`,
    );
  });

  test('as protobuf holds the metadata of the whole object', () => {
    const object = hexOf(ask(path('v1', 'nodes/node-a'), accepting(protobuf)));
    const single = hexOf(ask(path('v1', 'nodes/node-a'), as('PartialObjectMetadata', protobuf)));
    const raw = single.slice(
      single.indexOf(Buffer.from('PartialObjectMetadata').toString('hex')) + 42 + 4,
      -8,
    );
    expect(object).toContain(raw);
    expect(hexOf(ask(path('v1', 'nodes'), as('PartialObjectMetadataList', protobuf)))).toContain(raw);
  });

  test.each([
    ['nodes', 'PartialObjectMetadata', 'a list (*metrics.NodeMetricsList)'],
    ['nodes/node-a', 'PartialObjectMetadataList', 'not a list (*metrics.NodeMetrics)'],
  ])('%s is no %s', (rest, kind, why) => {
    const { status, body } = ask(path('v1', rest), as(kind));
    expect(status).toBe(406);
    expect(body).toContain(`"message": "you requested ${kind}, but the requested object is ${why}",\n`);
  });
});
