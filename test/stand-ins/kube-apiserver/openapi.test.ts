import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AggregatedCluster, available, path, startAggregatedCluster } from './aggregated-cluster.ts';
import { fetchFrom } from './api-client.ts';

let cluster: AggregatedCluster;
beforeEach(async () => {
  cluster = await startAggregatedCluster();
});
afterEach(() => cluster[Symbol.asyncDispose]());

const get = (target: string, headers = {}) =>
  fetchFrom(cluster.apiserver, target, { client: cluster.client, headers });

/** A backend that has these documents; `seen` collects who asked for which in what form. */
async function serve(documents: Readonly<Record<string, unknown>>): Promise<string[]> {
  const seen: string[] = [];
  const listener: RequestListener = ({ url = '', headers }, response) => {
    const document = documents[url.split('?')[0] ?? ''];
    const groups = headers['x-remote-group'] ?? 'no group';
    seen.push(`${url} for ${headers['x-remote-user']} of ${groups} as ${headers.accept ?? 'anything'}`);
    if (document === undefined) response.writeHead(404).end();
    else response.setHeader('Content-Type', 'application/json').end(JSON.stringify(document));
  };
  await cluster.register(await cluster.startBackend(available(listener)));
  return seen;
}

const swagger = {
  swagger: '2.0',
  paths: {
    [`${path}/widgets`]: { get: { responses: { 200: { schema: { $ref: '#/definitions/List' } } } } },
    '/version/': { get: { responses: { 200: { schema: { $ref: '#/definitions/Info' } } } } },
  },
  definitions: {
    List: {
      type: 'object',
      properties: { items: { type: 'array', items: { $ref: '#/definitions/Widget' } } },
    },
    Widget: {
      type: 'object',
      required: ['size'],
      properties: { size: { type: 'string', format: 'quantity' } },
    },
    Info: { type: 'object' },
  },
};

describe('GET /openapi/v2', () => {
  it('merges what belongs to the group version, with the definitions that it leads to', async () => {
    const seen = await serve({ '/openapi/v2': swagger });
    const { json } = await get('/openapi/v2');
    expect(json).toMatchObject({ swagger: '2.0', paths: { [`${path}/widgets`]: {} } });
    expect(Object.keys((json as typeof swagger).definitions).sort()).toEqual(['List', 'Widget']);
    expect(Object.keys((json as typeof swagger).paths)).toEqual([`${path}/widgets`]);
    expect(seen).toEqual(['/openapi/v2 for system:aggregator of no group as application/json']);
  });

  it('answers kubectl in protobuf', async () => {
    await serve({ '/openapi/v2': swagger });
    const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
    const { bytes, headers } = await get('/openapi/v2', { accept });
    expect(headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    for (const text of ['2.0', 'Widget', 'size', 'quantity']) expect(bytes.includes(text)).toBe(true);
    expect(bytes.includes('Info')).toBe(false);
  });

  it('is empty when the backend has none', async () => {
    await serve({});
    expect((await get('/openapi/v2')).json).toMatchObject({ paths: {}, definitions: {} });
  });
});

describe('GET /openapi/v3', () => {
  it('lists what backends list', async () => {
    const paths = { 'apis/example.org/v1': { serverRelativeURL: '/openapi/v3/apis/example.org/v1?hash=1' } };
    const seen = await serve({ '/openapi/v3': { paths } });
    expect((await get('/openapi/v3')).json).toEqual({ paths });
    expect(seen).toEqual(['/openapi/v3 for system:aggregator of no group as anything']);
  });

  it('hands a document of the index on as the caller, and knows no other', async () => {
    const seen = await serve({
      '/openapi/v3': { paths: { 'apis/example.org/v1': {} } },
      '/openapi/v3/apis/example.org/v1': { openapi: '3.0.0' },
    });
    const { json } = await get('/openapi/v3/apis/example.org/v1?hash=1');
    expect(json).toEqual({ openapi: '3.0.0' });
    expect(seen.at(-1)).toContain('?hash=1 for kubernetes-admin of system:masters');
    expect(await get('/openapi/v3/apis/example.org/v2')).toMatchObject({ code: 404 });
  });
});
