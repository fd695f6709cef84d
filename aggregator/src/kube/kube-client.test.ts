import { once } from 'node:events';
import { Agent } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { startCluster } from './fixture-cluster.ts';
import { KubeClient } from './kube-client.ts';

const { signal } = new AbortController();

test('KubeClient.get() gives the parsed answer', async () => {
  await using cluster = await startCluster();
  expect(await cluster.client.get('/api/v1/pods?limit=1', signal)).toMatchObject({
    kind: 'PodList',
    items: [],
  });
});

test.each(['/api', '/api/'])(
  'KubeClient.get() keeps the path %s of a server, as a proxy has one',
  async (path) => {
    await using cluster = await startCluster();
    expect(await cluster.clientBelow(path).get('/v1/pods?limit=1', signal)).toMatchObject({
      kind: 'PodList',
    });
  },
);

test('KubeClient.get() throws what the API server says, with its status', async () => {
  await using cluster = await startCluster();
  await expect(cluster.client.get('/api/v1/namespaces', signal)).rejects.toMatchObject({
    name: 'KubeApiError',
    status: 403,
    message: expect.stringMatching(
      /^Cannot GET \/api\/v1\/namespaces: API server answered 403: namespaces is forbidden/,
    ),
  });
});

test('KubeClient.post() throws with how long the API server asks to wait, and its own words', async () => {
  await using cluster = await startCluster();
  cluster.apiserver.faults.tokenReview = 'throttle';
  const path = '/apis/authentication.k8s.io/v1/tokenreviews';
  await expect(cluster.client.post(path, {}, signal)).rejects.toMatchObject({
    ...{ status: 429, retryAfterMs: 1_000, said: 'tokenReview was told to ask for patience' },
  });
});

test('KubeClient.get() throws when told to stop, and when nobody listens', async () => {
  await using cluster = await startCluster();
  await expect(cluster.client.get('/api/v1/pods', AbortSignal.abort())).rejects.toThrow(/abort/i);
  await cluster.cut();
  await expect(cluster.client.get('/api/v1/pods', signal)).rejects.toThrow(/ECONN(REFUSED|RESET)/);
});

test('KubeClient.put() replaces an object unless somebody else was first', async () => {
  await using cluster = await startCluster();
  const { store } = cluster.apiserver;
  const metadata = { namespace: 'tacho', name: 'tacho-aggregator-ca' };
  const { resourceVersion } = store.create('configmaps', { metadata }).metadata;
  const path = '/api/v1/namespaces/tacho/configmaps/tacho-aggregator-ca';
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, resourceVersion } };
  expect(await cluster.client.put(path, { ...configMap, data: { a: '1' } }, signal)).toMatchObject({
    data: { a: '1' },
  });
  await expect(cluster.client.put(path, { ...configMap, data: { a: '2' } }, signal)).rejects.toMatchObject({
    status: 409,
    message: expect.stringMatching(/^Cannot PUT .*answered 409: Operation cannot be fulfilled/),
  });
  expect(store.get('configmaps', metadata.name, 'tacho')).toMatchObject({ data: { a: '1' } });
});

test('KubeClient.patch() changes the fields that it names and removes those that are null', async () => {
  await using cluster = await startCluster();
  const { store } = cluster.apiserver;
  const name = 'v1.metrics.k8s.io';
  store.create('apiservices', { metadata: { name }, spec: { a: 1, b: { c: 2, d: 3 } } });
  const path = `/apis/apiregistration.k8s.io/v1/apiservices/${name}`;
  await cluster.client.patch(path, { spec: { a: null, b: { c: 4 } } }, signal);
  expect(store.get('apiservices', name)?.['spec']).toEqual({ b: { c: 4, d: 3 } });
});

test('KubeClient quotes nothing of an answer that is no JSON: it may be a Secret', async () => {
  await using cluster = await startCluster();
  const text = cluster.client.get('/version', signal).then(() => cluster.client.get('/livez', signal));
  await expect(text).rejects.toThrow(
    'Cannot read what the API server answered: expected JSON, found 3 other characters',
  );
});

test('KubeClient uses one connection for one request after the other', async () => {
  await using cluster = await startCluster();
  for (let request = 0; request < 3; request += 1) await cluster.client.get('/api/v1/pods', signal);
  expect(cluster.connections()).toBe(1);
});

test('KubeClient.watch() gives events as they come and leaves no connection when it is left', async () => {
  await using cluster = await startCluster();
  const open = () =>
    new Promise<number>((resolve) => cluster.server.getConnections((_, count) => resolve(count)));
  const since = cluster.apiserver.store.resourceVersion();
  for (const name of ['n1', 'n2']) cluster.apiserver.store.create('nodes', { metadata: { name } });
  const path = `/api/v1/nodes?watch=true&resourceVersion=${since}`;
  for await (const event of cluster.client.watch(path, 60_000, signal)) {
    expect(event).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'n1' } } });
    break;
  }
  await eventually(async () => expect(await open()).toBe(0));
});

test('KubeClient.watch() throws when its connection is cut', async () => {
  await using cluster = await startCluster();
  const watch = cluster.client.watch('/api/v1/nodes?watch=true', 60_000, signal);
  const next = watch.next();
  const outcome = next.then(
    () => 'ended',
    (error: Error) => error.message,
  );
  await eventually(() => expect(cluster.connections()).toBe(1));
  await sleep(20); // either the request or its answer is under way: both end in an error
  await cluster.cut();
  expect(await outcome).toMatch(/ECONNRESET|aborted|hang up|disconnected/);
});

test('KubeClient.watch() ends after its longest time, whatever the server does', async () => {
  await using cluster = await startCluster();
  const watch = cluster.client.watch('/api/v1/nodes?watch=true', 30, signal);
  await expect(watch.next()).rejects.toThrow(/timeout|abort/i);
});

test('KubeClient.watch() gives up a server that takes the connection and does not begin to answer', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const agent = new Agent();
  const access = {
    server: `https://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    applyTo: async () => {},
  };
  const watch = new KubeClient(access, agent).watch('/api/v1/nodes?watch=true', 60_000, signal, 30);
  await expect(watch.next()).rejects.toThrow(/abort/i);
  agent.destroy();
  silent.close();
  for (const socket of sockets) socket.destroy();
});
