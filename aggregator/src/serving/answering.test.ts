import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { startApiServer } from './fixture-api-server.ts';
import { get, speak } from './fixture-spoken-bytes.ts';

type Api = Awaited<ReturnType<typeof startApiServer>>;

const list = '/apis/metrics.k8s.io/v1/pods';

test.each([
  [`/${'x'.repeat(8_192)}`, 'path-size'],
  [`${list}?labelSelector=${'x'.repeat(65_536)}`, 'query-size'],
])(
  'ApiServer refuses %.20s… that is too long with a Status, and keeps the connection',
  async (path, limit) => {
    await using api = await startApiServer();
    const { status, headers, body } = await api.ask(path);
    expect([status, JSON.parse(body).kind, api.decided]).toEqual([414, 'Status', []]);
    expect(headers['audit-id']).toBeDefined();
    expect(api.limited).toEqual([limit]);
  },
);

test('ApiServer answers pipelined requests in their order', async () => {
  await using api = await startApiServer();
  api.state.api = ({ path }) => ({ status: 200, headers: {}, body: JSON.stringify(path) });
  const text = [get('/a'), get('/b'), get('/c', 'Connection: close\r\n')].join('');
  const answers = await (await speak(api, text)).all();
  expect(answers.match(/"\/[abc]"/g)).toEqual(['"/a"', '"/b"', '"/c"']);
});

test('ApiServer turns away what is pipelined beyond a bound', async () => {
  await using api = await startApiServer(undefined, { requestsPerConnection: 2 });
  const text = [get('/a'), get('/b'), get('/c', 'Connection: close\r\n')].join('');
  const answers = await (await speak(api, text)).all();
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 429']);
  expect(api.limited).toEqual(['pipelined']);
});

/** Requests that wait for the authorizer until they are let go. */
function hold(api: Api) {
  const { promise, resolve } = Promise.withResolvers<void>();
  api.state.decide = async () => {
    await promise;
    return { allowed: true, reason: '' };
  };
  return resolve;
}

test('ApiServer turns away whom it has no room for, except for health and system:masters', async () => {
  await using api = await startApiServer(undefined, { reading: 1 });
  const letGo = hold(api);
  const first = api.ask(list);
  await eventually(() => expect(api.decided).toHaveLength(1));
  const { status, headers, body } = await api.ask(list);
  expect({ status, body }).toEqual({ status: 429, body: 'Too many requests, please try again later.\n' });
  expect(headers).toMatchObject({ 'retry-after': '1', 'content-type': 'text/plain; charset=utf-8' });
  expect(api.limited).toEqual(['in-flight']);
  const others = [
    api.ask('/readyz'),
    api.ask(`${list}?watch=1`),
    api.ask(list, { method: 'POST' }),
    api.ask(list, {
      client: api.proxy,
      headers: { 'X-Remote-User': 'system:kube-aggregator', 'X-Remote-Group': 'system:masters' },
    }),
  ];
  await eventually(() => expect(api.decided).toHaveLength(1 + others.length));
  const { load } = api.server;
  letGo();
  expect(load).toEqual({ peaks: { reading: 3, mutating: 1 }, watches: 1 });
  expect((await Promise.all([first, ...others])).map((answer) => answer.status)).toEqual(Array(5).fill(200));
});

test('ApiServer answers 504 when the deadline has passed, that of a request or its own', async () => {
  await using api = await startApiServer(undefined, { deadlineMs: 40 });
  api.state.decide = (_user, _wanted, signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  for (const path of [list, `${list}?timeout=5ms`]) {
    const { status, headers, body } = await api.ask(path);
    expect([status, headers['content-type'], JSON.parse(body).reason]).toEqual([
      ...[504, 'text/plain; charset=utf-8', 'Timeout'],
    ]);
  }
  expect([api.limited, api.lines]).toEqual([['deadline', 'deadline'], []]);
});

test('ApiServer throws a body away and keeps the connection', async () => {
  await using api = await startApiServer();
  const post = `POST ${list} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`;
  const text = `${post}${get('/b', 'Connection: close\r\n')}`;
  const answers = await (await speak(api, text)).all();
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200']);
  expect(api.limited).toEqual([]);
});

test('ApiServer answers a body without end, and ends its connection', async () => {
  await using api = await startApiServer(undefined, { bodyBytes: 1_000, lingerMs: 20 });
  const head = `POST ${list} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const { heard, all, socket } = await speak(api, head);
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
  const flood = setInterval(() => socket.write(chunk), 1);
  await all();
  clearInterval(flood);
  expect(heard()).toMatch(/^HTTP\/1\.1 200 /);
  expect(api.limited).toEqual(['body-size']);
});

test('ApiServer does not ask for a body that a client would rather announce first', async () => {
  await using api = await startApiServer(undefined, { lingerMs: 20 });
  const head = `POST ${list} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`;
  expect(await (await speak(api, head)).all()).toMatch(/^HTTP\/1\.1 200 /);
});

test('ApiServer cuts off who asks for much and reads nothing', async () => {
  await using api = await startApiServer(undefined, { stalledMs: 50 });
  api.state.api = () => ({ status: 200, headers: {}, body: Buffer.alloc(50_000_000) });
  const { socket } = await speak(api, '');
  socket.pause();
  socket.write(get(list));
  await eventually(() => expect(api.limited).toEqual(['slow-reader']));
  await eventually(() => expect(api.server.load.peaks.reading).toBeLessThanOrEqual(1));
  socket.destroy();
});

test('ApiServer tells its observer of each request that was answered', async () => {
  await using api = await startApiServer();
  await api.ask(list);
  await api.ask('/readyz?verbose');
  await api.ask('/x/y/z', { method: 'DELETE' });
  await eventually(() => expect(api.answered).toHaveLength(3));
  expect(api.answered).toEqual(['LIST pods 200', 'GET /readyz 200', 'DELETE other 200']);
});

test('ApiServer serves its metrics to whom the authorizer lets', async () => {
  await using api = await startApiServer();
  const { status, headers, body } = await api.ask('/metrics');
  expect({ status, body }).toEqual({ status: 200, body: 'up 1\n' });
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(api.decided[0]?.[1]).toEqual({ nonResourceAttributes: { path: '/metrics', verb: 'get' } });
  api.state.decide = async () => ({ allowed: false, reason: '' });
  expect((await api.ask('/metrics')).status).toBe(403);
});
