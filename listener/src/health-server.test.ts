import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { listeningLog } from './fixture-listening-log.ts';
import { serveHealth } from './health-server.ts';
import { ToldMetrics } from './told-metrics.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** The endpoint on a free port, and what it logs. */
async function served(read = () => 7, monotonicUsec = () => 0) {
  const { log, lines, port: listening } = listeningLog('health endpoint listens');
  const stop = new AbortController();
  const health = { live: { ping: () => undefined }, ready: { names: () => 'none' } };
  const address = { port: 0, bindAddress: '127.0.0.1' };
  const loaded = { count: 0 };
  const loadMetrics = async () => {
    loaded.count += 1;
    const told = new ToldMetrics(read, monotonicUsec);
    told.counter('looks_total', 'A metric.', (value) => value);
    return told.ofProcess();
  };
  const ended = serveHealth({ log, health, loadMetrics }, address, stop.signal);
  cleanUps.push(() => {
    stop.abort();
    return ended;
  });
  const port = await listening;
  return {
    ...{ lines, loaded, port },
    ask: (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, init),
  };
}

test.each([
  ['/livez', 200, 'ok'],
  ['/livez?verbose', 200, '[+]ping ok\nlivez check passed\n'],
  ['/livez?verbose=false', 200, 'ok'],
  ['/readyz', 500, '[+]ping ok\n[-]names failed: reason withheld\nreadyz check failed\n'],
  ['/readyz/names', 500, 'internal server error: none\n'],
  ['/debug/state', 404, 'expected /livez, /readyz or /metrics\n'],
])('serveHealth() answers %s with %d', async (path, status, body) => {
  const { ask } = await served();
  const response = await ask(path);
  expect({ status: response.status, body: await response.text() }).toEqual({ status, body });
  expect(response.headers.get('cache-control')).toBe('no-cache, private');
});

test('serveHealth() answers HEAD without a body and no other method', async () => {
  const { ask } = await served();
  const head = await ask('/livez', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  const post = await ask('/livez', { method: 'POST' });
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('serveHealth() tells the program’s own metrics, made once a second at most', async () => {
  let looks = 7;
  let nowUsec = 0;
  const { ask } = await served(
    () => looks,
    () => nowUsec,
  );
  const response = await ask('/metrics');
  const text = await response.text();
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(text).toContain('\nlooks_total 7\n');
  expect(text).toContain('process_resident_memory_bytes');
  looks = 8;
  nowUsec = 999_999;
  expect(await (await ask('/metrics')).text()).toBe(text);
  nowUsec = 1_000_000;
  expect(await (await ask('/metrics')).text()).toContain('\nlooks_total 8\n');
});

test('serveHealth() says 500 and logs the reason when a metric cannot be told', async () => {
  let looks = 0;
  const { ask, lines, loaded } = await served(() => {
    looks += 1;
    if (looks > 1) throw new Error('no such thing');
    return looks;
  });
  for (const _ of [1, 2]) expect((await ask('/metrics')).status).toBe(500);
  // Each load observes the process from then on.
  expect(loaded.count).toBe(1);
  expect(lines.at(-1)).toMatchObject({ path: '/metrics', reason: 'no such thing' });
});

test('serveHealth() answers a probe although somebody holds all connections', async () => {
  const { ask, port } = await served();
  const holders = Array.from({ length: 65 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  cleanUps.push(async () => {
    for (const holder of holders) holder.destroy();
  });
  await Promise.all(holders.map((holder) => once(holder, 'connect')));
  expect((await ask('/livez')).status).toBe(200);
});
