import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { listeningLog } from '../listener/fixture-listening-log.ts';
import type { MetricFacts } from './agent-metrics.ts';
import { serveHealth } from './health-server.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const facts: MetricFacts = {
  ...{
    version: '1.2.3',
    cgroupMode: 'v2',
    ticks: 7,
    tickSeconds: 0.25,
    lastTickAgeSeconds: 1,
    periodSeconds: 5,
  },
  ...{ reports: 6, podsReported: 3, containersReported: 4, podsLeftOut: 0, unnamed: 3 },
  ...{ replicas: 2, replicasConnected: 1 },
};

/** The endpoint on a free port, and what it logs. */
async function served(read = () => facts, monotonicUsec = () => 0) {
  const { log, lines, port: listening } = listeningLog('health endpoint listens');
  const stop = new AbortController();
  const health = { live: { ping: () => undefined }, ready: { names: () => 'none' } };
  const address = { port: 0, bindAddress: '127.0.0.1' };
  const ended = serveHealth({ log, health, facts: read, monotonicUsec }, address, stop.signal);
  cleanUps.push(() => {
    stop.abort();
    return ended;
  });
  const port = await listening;
  return {
    lines,
    port,
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

test('serveHealth() tells the agent’s own metrics, made once a second at most', async () => {
  let ticks = 7;
  let nowUsec = 0;
  const { ask } = await served(
    () => ({ ...facts, ticks }),
    () => nowUsec,
  );
  const response = await ask('/metrics');
  const text = await response.text();
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(text).toContain('tacho_agent_info{version="1.2.3",cgroup_mode="v2"} 1\n');
  for (const line of ['ticks_total 7', 'tick_seconds_total 0.25', 'pods 3', 'replicas_connected 1'])
    expect(text).toContain(`\ntacho_agent_${line}\n`);
  expect(text).toContain('process_resident_memory_bytes');
  ticks = 8;
  nowUsec = 999_999;
  expect(await (await ask('/metrics')).text()).toBe(text);
  nowUsec = 1_000_000;
  expect(await (await ask('/metrics')).text()).toContain('\ntacho_agent_ticks_total 8\n');
});

test('serveHealth() says 500 and logs the reason when a metric cannot be told', async () => {
  const { ask, lines } = await served(() => {
    throw new Error('no such thing');
  });
  expect((await ask('/metrics')).status).toBe(500);
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
