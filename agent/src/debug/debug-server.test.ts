import { once } from 'node:events';
import { type IncomingHttpHeaders, type RequestListener, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { listeningLog } from '../../../listener/src/fixture-listening-log.ts';
import { createDebugApp, type DebugAppDeps } from './debug-app.ts';
import { serveDebug } from './debug-server.ts';
import type { DebugState } from './debug-state.ts';
import { measuredFixture } from './kubelet/fixture-measured-node.ts';

const state: DebugState = {
  time: '2026-01-01T00:00:00.000Z',
  agentVersion: '1.2.3',
  periodUsec: 5_000_000,
  windowUsec: 10_000_000,
  replicas: [],
  node: { name: 'node-1', cgroupMode: 'v2', counters: [], why: 'first' },
  pods: [],
  unnamed: [],
  notReported: [],
};
const quiet = {
  measured: () => measuredFixture,
  recentLog: () => ['{"msg":"agent starts"}'],
  versions: { kernel: '6.18' },
  monotonicUsec: () => 0,
  onTick: () => () => undefined,
  pod: (namespace: string, name: string) => ({ error: `no ${namespace}/${name}` }),
};
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** A served endpoint on a free port of the loopback, with its log. */
async function served(options: { state?: () => DebugState; loadApp?: () => Promise<RequestListener> } = {}) {
  const { log, lines, port: listening } = listeningLog('debug endpoint listens');
  let loads = 0;
  const loadApp = async (deps: DebugAppDeps) => {
    loads += 1;
    return options.loadApp === undefined ? createDebugApp(deps) : options.loadApp();
  };
  const stop = new AbortController();
  const ended = serveDebug(
    { log, ...quiet, state: options.state ?? (() => state), loadApp },
    { port: 0, bindAddress: '127.0.0.1' },
    stop.signal,
  );
  cleanUps.push(async () => {
    stop.abort();
    await ended;
  });
  const port = await listening;
  return { lines, port, loads: () => loads, stop, ended };
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

async function ask(port: number, path: string, method = 'GET', host = 'localhost'): Promise<Answer> {
  const sent = request({ port, path, method, host: '127.0.0.1', headers: { host }, agent: false });
  sent.end();
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return {
    status: response.statusCode,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

test('serveDebug() answers /debug/state as JSON that nobody keeps, sniffs or reads across origins', async () => {
  const { port } = await served();
  const { status, headers, body } = await ask(port, '/debug/state?x=1');
  expect({ status, body }).toEqual({ status: 200, body: state });
  expect(headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(Object.keys(headers).filter((name) => /^access-control|^x-powered-by|^etag/.test(name))).toEqual([]);
});

test.each([
  ['GET', '/', 404],
  ['GET', '/debug/state/', 404],
  ['GET', '/debug/STATE', 404],
  ['GET', '/debug/%zz', 404],
  ['GET', '/debug/pods/default', 404],
  ['POST', '/other', 404],
  ['POST', '/debug/state', 405],
  ['OPTIONS', '/debug/state', 405],
])('serveDebug() answers %s %s with %d and a small JSON', async (method, path, expected) => {
  const { port } = await served();
  const { status, headers, body } = await ask(port, path, method);
  expect(status).toBe(expected);
  expect(body).toEqual({ error: expect.stringMatching(/^expected /) });
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  expect(headers.allow).toBe(expected === 405 ? 'GET, HEAD' : undefined);
});

test('serveDebug() answers what a kubelet answers, with its content types', async () => {
  const { port } = await served();
  const resource = await fetch(`http://127.0.0.1:${port}/metrics/resource`);
  expect(resource.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await resource.text()).toMatch(/^# HELP container_cpu_usage_seconds_total /);
  const { headers, body } = await ask(port, '/stats/summary?only_cpu_and_memory=true');
  expect(headers['content-type']).toMatch(/^application\/json/);
  expect(body).toMatchObject({ node: { nodeName: 'node-1' } });
});

test('serveDebug() hands out a bundle as a file to keep', async () => {
  const { port } = await served();
  const { status, headers } = await fetch(`http://127.0.0.1:${port}/debug/bundle`);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('application/gzip');
  expect(headers.get('content-disposition')).toBe(
    'attachment; filename=tacho-node-1-20260101T000000Z.tar.gz',
  );
  expect((await ask(port, '/debug/bundle', 'HEAD')).body).toBeUndefined();
});

test('serveDebug() answers HEAD without a body', async () => {
  const { port } = await served();
  expect(await ask(port, '/debug/state', 'HEAD')).toMatchObject({ status: 200, body: undefined });
});

test('serveDebug() loads the pages at the first request that meant it, once', async () => {
  const { port, loads } = await served();
  expect(loads()).toBe(0);
  expect((await ask(port, '/debug/state', 'GET', 'evil.example')).status).toBe(403);
  const headers = { 'Sec-Fetch-Site': 'cross-site' };
  const crossSite = await fetch(`http://127.0.0.1:${port}/debug/events?x=1`, { headers });
  expect(crossSite.status).toBe(403);
  expect(await crossSite.text()).toContain('expected no request of another site’s page');
  expect(loads()).toBe(0);
  await Promise.all([ask(port, '/debug/state'), ask(port, '/debug/state'), ask(port, '/x')]);
  expect(loads()).toBe(1);
});

test('serveDebug() tries again to load pages that could not be loaded', async () => {
  let attempts = 0;
  const { port, lines } = await served({
    loadApp: async () => {
      attempts += 1;
      if (attempts === 1) throw new Error('too many open files');
      return (_request, response) => response.end('{}');
    },
  });
  expect(await ask(port, '/debug/state')).toMatchObject({
    status: 500,
    body: { error: expect.stringContaining('could not be loaded') },
  });
  expect(lines.at(-1)).toMatchObject({ msg: 'cannot answer a request', reason: 'too many open files' });
  expect((await ask(port, '/debug/state')).status).toBe(200);
});

test('serveDebug() refuses a foreign Host, takes the one of another port', async () => {
  const { port } = await served();
  expect((await ask(port, '/debug/state', 'GET', '127.0.0.1:8080')).status).toBe(200);
  expect(await ask(port, '/debug/state', 'GET', 'evil.example:10252')).toMatchObject({
    status: 403,
    body: {
      error: expect.stringContaining('expected localhost or the address of this endpoint in the Host header'),
    },
  });
});

test('serveDebug() answers 500 and logs the reason when the state cannot be made', async () => {
  const failing = () => {
    throw new Error('no such thing');
  };
  const { port, lines } = await served({ state: failing });
  expect(await ask(port, '/debug/state')).toMatchObject({
    status: 500,
    body: { error: expect.not.stringContaining('no such thing') },
  });
  expect(lines.at(-1)).toMatchObject({ path: '/debug/state', reason: 'no such thing' });
});

test('serveDebug() says once that its port is taken, and resolves', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  cleanUps.push(() => new Promise((resolve) => taken.close(resolve)));
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => lines.push(line) });
  const { port } = taken.address() as AddressInfo;
  await serveDebug(
    { log, ...quiet, state: () => state },
    { port, bindAddress: '127.0.0.1' },
    new AbortController().signal,
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/EADDRINUSE.*no debug endpoint: cannot listen/);
});

test('serveDebug() ends on the signal although a client holds a connection, and frees the port', async () => {
  const { port, stop, ended } = await served();
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  client.on('error', () => undefined);
  stop.abort();
  await ended;
  const again = createServer().listen(port, '127.0.0.1');
  await once(again, 'listening');
  await new Promise((resolve) => again.close(resolve));
  client.destroy();
});

test('serveDebug() does not listen after the signal', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => lines.push(line) });
  await serveDebug(
    { log, ...quiet, state: () => state },
    { port: 0, bindAddress: '127.0.0.1' },
    AbortSignal.abort(),
  );
  expect(lines).toEqual([]);
});

test('serveDebug() refuses headers above 8 KiB and more than sixteen connections', async () => {
  const { port } = await served();
  const sent = request({
    port,
    host: '127.0.0.1',
    headers: { host: 'localhost', x: 'x'.repeat(9_000) },
    agent: false,
  });
  sent.end();
  const [response] = await once(sent, 'response');
  expect(response.statusCode).toBe(431);
  response.resume();
  const clients = Array.from({ length: 17 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  cleanUps.push(async () => {
    for (const client of clients) client.destroy();
  });
  await Promise.race(clients.map((client) => once(client, 'close')));
});
