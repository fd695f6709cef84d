import { describe, expect, test } from 'vitest';
import { podObject } from '../../snapshot/fixture-snapshot.ts';
import { accepting } from '../fixture-reader.ts';
import { prefixed, text } from '../protocol/fixture-protobuf.ts';
import { watchedCluster } from './fixture-watch.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const web = 'pods?watch=true&fieldSelector=metadata.name%3Dweb';
const bookmarks = '&allowWatchBookmarks=true';
const table = (v: string) => accepting(`application/json;as=Table;v=${v};g=meta.k8s.io`);
/** The fixture's clock, as JSON says it. */
const time = '1970-01-01T00:16:40Z';

describe.each(['v1', 'v1beta1'])('%s as JSON', (version) => {
  test.each(['application/json', 'application/json;stream=watch', '*/*', ''])(
    'accepted as %j has one event a line',
    async (accept) => {
      const { open, snapshot } = watchedCluster();
      const watch = open(`${version}/${web}${bookmarks}&pretty=true`, accepting(accept));
      expect(watch.headers).toEqual({
        'Cache-Control': 'no-cache, private',
        'Content-Type': 'application/json',
      });
      const revision = [...snapshot.pods('default')].flat().find(({ name }) => name === 'web')?.revision;
      const type = `"kind":"PodMetrics","apiVersion":"metrics.k8s.io/${version}"`;
      const [event, bookmark] = (await watch.bytes()).toString().split('\n');
      expect(event).toBe(
        `{"type":"ADDED","object":{${type},"metadata":{"name":"web","namespace":"default","resourceVersion":"${revision}",` +
          `"creationTimestamp":"${time}","labels":{"app":"web"}},"timestamp":"${time}","window":"10s",` +
          '"containers":[{"name":"app","usage":{"cpu":"5n","memory":"7"}}]}}',
      );
      expect(bookmark).toMatch(
        /^\{"type":"BOOKMARK","object":\{"kind":"PodMetrics","apiVersion":"metrics.k8s.io\/v1[^"]*","metadata":\{"resourceVersion":"\d+","annotations":/,
      );
    },
  );
});

describe.each(['v1', 'v1beta1'])('as Table of meta.k8s.io/%s', (version) => {
  test('says the columns in the first event only', async () => {
    const { open, reportNode } = watchedCluster();
    const watch = open(`v1/${web}`, table(version));
    expect(watch.headers['Content-Type']).toBe('application/json');
    const [first] = await watch.events();
    reportNode('n1', 'web');
    const [second] = await watch.events();
    const [names, later] = [first, second].map((event) => {
      const columns = event?.object.columnDefinitions as { name: string }[] | null | undefined;
      return columns?.map(({ name }) => name) ?? columns;
    });
    expect(names).toEqual(['Name', 'cpu', 'memory', 'Window']);
    expect(later).toBeNull();
    expect(second).toMatchObject({
      type: 'MODIFIED',
      object: {
        ...{ kind: 'Table', apiVersion: `meta.k8s.io/${version}` },
        rows: [
          {
            cells: ['web', '5n', '7', '10s'],
            object: { kind: 'PartialObjectMetadata', metadata: { name: 'web', labels: { app: 'web' } } },
          },
        ],
      },
    });
    expect(Number(second?.object.metadata.resourceVersion)).toBeGreaterThan(
      Number(first?.object.metadata.resourceVersion),
    );
  });

  test.each([
    ['None', null],
    ['Object', { kind: 'PodMetrics', containers: [{ name: 'app' }] }],
  ])('with includeObject=%s', async (include, object) => {
    const { open } = watchedCluster();
    const [event, bookmark] = await open(
      `v1/${web}${bookmarks}&includeObject=${include}`,
      table(version),
    ).events();
    expect(event?.object).toMatchObject({ rows: [{ object }] });
    // Whatever is asked for, the end of the initial events is said.
    expect(bookmark?.object).toMatchObject({
      ...{ kind: 'Table', columnDefinitions: null },
      rows: [{ object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } }],
    });
  });

  test('refuses an includeObject that does not exist, and protobuf', () => {
    const { ask } = watchedCluster();
    expect(ask(`v1/${web}&includeObject=x`, table(version)).status).toBe(400);
    expect(ask(`v1/${web}`, accepting(`${protobuf};as=Table;v=${version};g=meta.k8s.io`)).status).toBe(406);
  });
});

describe('as PartialObjectMetadata', () => {
  const as = (kind: string, type = 'application/json') => accepting(`${type};as=${kind};g=meta.k8s.io;v=v1`);

  test('holds no usage', async () => {
    const [event, bookmark] = await watchedCluster()
      .open(`v1/${web}${bookmarks}`, as('PartialObjectMetadata'))
      .events();
    expect(event?.object).toEqual({
      ...{ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' },
      metadata: expect.objectContaining({ name: 'web', labels: { app: 'web' } }),
    });
    expect(bookmark?.object.kind).toBe('PartialObjectMetadata');
  });

  test('is no list', () => {
    const { status, body } = watchedCluster().ask(`v1/${web}`, as('PartialObjectMetadataList'));
    expect(status).toBe(406);
    expect(String(body)).toContain('the requested object is not a list (*metrics.PodMetrics)');
  });

  test('has a protobuf form', async () => {
    const watch = watchedCluster().open(`v1/${web}`, as('PartialObjectMetadata', protobuf));
    const hex = (await watch.bytes()).toString('hex');
    expect(hex).toContain(`0a${text('meta.k8s.io/v1')}12${text('PartialObjectMetadata')}`);
  });
});

describe('as protobuf', () => {
  /** The frames of a stream, each without its length. */
  const frames = (bytes: Buffer): string[] => {
    if (bytes.length === 0) return [];
    const end = 4 + bytes.readUInt32BE(0);
    return [bytes.subarray(4, end).toString('hex'), ...frames(bytes.subarray(end))];
  };
  const event = (type: string, rawHex: string) => `0a${text(type)}12${prefixed(`0a${prefixed(rawHex)}`)}`;

  test('frames WatchEvents by their length, the object within as on its own', async () => {
    const { open, ask } = watchedCluster();
    const watch = open(
      'v1/namespaces/default/pods?watch=1&fieldSelector=metadata.name%3Dweb',
      accepting(protobuf),
    );
    expect(watch.headers['Content-Type']).toBe(`${protobuf};stream=watch`);
    const { body } = ask('v1/namespaces/default/pods/web', accepting(protobuf));
    expect(frames(await watch.bytes())).toEqual([
      event('ADDED', Buffer.from(body as Buffer).toString('hex')),
    ]);
  });

  test('keeps its lengths right when labels are long', async () => {
    const { open, ask, pods } = watchedCluster();
    const labels = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`label-${index}`, 'x'.repeat(60)]),
    );
    pods.set(podObject('web', 'n1', { labels }));
    const watch = open(`v1/${web}`, accepting(protobuf));
    const { body } = ask('v1/namespaces/default/pods/web', accepting(protobuf));
    expect(frames(await watch.bytes())).toEqual([
      event('ADDED', Buffer.from(body as Buffer).toString('hex')),
    ]);
  });

  test.each([
    ['v1/pods', 'PodMetrics'],
    ['v1beta1/nodes', 'NodeMetrics'],
  ])('has bookmarks: %s', async (target, kind) => {
    const { open, snapshot } = watchedCluster();
    const watch = open(`${target}?watch=1&fieldSelector=metadata.name%3Dx${bookmarks}`, accepting(protobuf));
    const revision = String(snapshot.revision() + 1);
    const annotation = `0a${text('k8s.io/initial-events-end')}12${text('true')}`;
    const metadata = `0a0012001a0022002a0032${text(revision)}3800420062${prefixed(annotation)}`;
    const message = `0a${prefixed(metadata)}12001a020800`;
    const typeMeta = `0a${text(`metrics.k8s.io/${target.split('/')[0]}`)}12${text(kind)}`;
    const raw = `6b3873000a${prefixed(typeMeta)}12${prefixed(message)}1a002200`;
    expect(frames(await watch.bytes())).toEqual([event('BOOKMARK', raw)]);
  });

  test('tells an error as a Status', async () => {
    const watch = watchedCluster().open('v1/pods?watch=1&resourceVersion=1', accepting(protobuf));
    const [hex = ''] = frames(await watch.bytes());
    expect(hex).toContain(text('ERROR'));
    expect(hex).toContain(`6b3873000a${prefixed(`0a${text('v1')}12${text('Status')}`)}`);
    expect(hex).toContain(text('Expired'));
  });
});

test('there is no watch in yaml', () => {
  const { status, headers, body } = watchedCluster().ask(`v1/${web}`, accepting('application/yaml'));
  expect(status).toBe(406);
  expect(headers['Content-Type']).toBe('application/yaml');
  expect(String(body).replaceAll(/\s+/g, ' ')).toContain(
    'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
  );
});

test('?watch= of a single object is ignored', () => {
  const { status, body } = watchedCluster().ask('v1/namespaces/default/pods/web?watch=true');
  expect(status).toBe(200);
  expect(JSON.parse(String(body)).kind).toBe('PodMetrics');
});
