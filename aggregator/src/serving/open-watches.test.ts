import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent } from 'node:https';
import { expect, test } from 'vitest';
import type { ApiResponse } from '../api/protocol/api-message.ts';
import { watchedCluster } from '../api/watch/fixture-watch.ts';
import { WatchLagging } from '../api/watch/watch-stream.ts';
import { startApiServer } from './fixture-api-server.ts';

const path = '/apis/metrics.k8s.io/v1/pods?watch=true';

/** A watch that says what the test says, and how it ended. */
function toldWatch() {
  const waiting: ((text: string | Error | undefined) => void)[] = [];
  const over = Promise.withResolvers<void>();
  const state = { ended: false, over: over.promise };
  async function* pieces(until: AbortSignal): AsyncGenerator<Uint8Array | undefined> {
    try {
      while (!until.aborted) {
        const text = await new Promise<string | Error | undefined>((resolve) => {
          waiting.push(resolve);
          until.addEventListener('abort', () => resolve(undefined), { once: true });
        });
        if (text instanceof Error) throw text;
        if (text !== undefined) yield Buffer.from(text);
      }
    } finally {
      state.ended = true;
      over.resolve();
    }
  }
  const response: ApiResponse = {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: { watch: pieces },
  };
  return { response, state, say: (text: string | Error) => waiting.shift()?.(text) };
}

async function begin(agent?: Agent, limits?: Parameters<typeof startApiServer>[1]) {
  const api = await startApiServer(undefined, limits);
  const watch = toldWatch();
  api.state.api = () => watch.response;
  const sent = api
    .open(path, { client: api.proxy, headers: asUser, ...(agent !== undefined && { agent }) })
    .end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { socket } = response;
  return { api, watch, sent, response, socket, [Symbol.asyncDispose]: () => api.server.close() };
}

const asUser = { 'X-Remote-User': 'alice', 'Accept-Encoding': 'gzip' };

test('a watch sends its headers at once and each piece as it comes, never compressed', async () => {
  await using server = await begin();
  const { response, watch } = server;
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({
    ...{ 'transfer-encoding': 'chunked', 'content-type': 'application/json' },
    'audit-id': expect.any(String),
  });
  expect(response.headers['content-encoding']).toBeUndefined();
  for (const text of ['first', 'second']) {
    watch.say(text);
    const [chunk] = await once(response, 'data');
    expect(String(chunk)).toBe(text);
  }
});

test('a client that leaves ends its watch', async () => {
  await using server = await begin();
  const { response, watch, api, sent } = server;
  response.on('error', () => {});
  expect(api.server.load.watches).toBe(1);
  sent.destroy();
  await watch.state.over;
  expect(api.server.load.watches).toBe(0);
  expect(api.lines).toEqual([]);
});

test('ApiServer.close() ends watches and does not wait for their clients', async () => {
  const { response, watch, api } = await begin();
  watch.say('last');
  const text = response.toArray();
  await api.server.close();
  expect(Buffer.concat(await text).toString()).toBe('last');
  expect(response.complete).toBe(true);
  expect(watch.state.ended).toBe(true);
});

test('ApiServer.endConnections() ends watches with their connections, and serves new ones until close()', async () => {
  const agent = new Agent({ keepAlive: true });
  await using server = await begin(agent);
  const { response, api, socket } = server;
  const closed = once(socket, 'close');
  api.server.endConnections();
  await response.toArray();
  await closed;
  const later = toldWatch();
  api.state.api = () => later.response;
  const again = api.open(path, { client: api.proxy, headers: asUser, agent }).end();
  const [reopened] = (await once(again, 'response')) as [IncomingMessage];
  later.say('more');
  expect(String((await once(reopened, 'data'))[0])).toBe('more');
  agent.destroy();
});

test('a client that takes nothing for too long is cut off and counted', async () => {
  await using server = await begin(undefined, { stalledMs: 100 });
  const { response, watch, api, socket } = server;
  response.on('error', () => {});
  socket.pause();
  const more = setInterval(() => watch.say('x'.repeat(1024 * 1024)));
  await watch.state.over;
  clearInterval(more);
  await api.server.close();
  expect(api.limited).toEqual(['slow-reader']);
  expect(api.lines).toEqual([]);
});

test('a client that lags is cut off: half an answer must not look whole', async () => {
  await using server = await begin();
  const { response, watch, api } = server;
  const text = response.toArray();
  watch.say(new WatchLagging('too slow'));
  await expect(text).rejects.toThrow('aborted');
  expect(api.limited).toEqual(['slow-reader']);
});

test('the watches of a snapshot reach a client through the server', async () => {
  const cluster = watchedCluster();
  await using api = await startApiServer();
  api.state.api = (request) => cluster.ask(`v1/pods?${request.query}`);
  const sent = api.open(path, { client: api.proxy, headers: asUser }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const told = async () =>
    String((await once(response, 'data'))[0])
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({ type, object }) => `${type} ${object.metadata.name}`);
  expect(await told()).toEqual(['ADDED far', 'ADDED web']);
  cluster.pods.remove({ metadata: { namespace: 'default', name: 'far' } });
  expect(await told()).toEqual(['DELETED far']);
  expect(api.decided[0]?.[1]).toMatchObject({ resourceAttributes: { verb: 'watch', resource: 'pods' } });
});
