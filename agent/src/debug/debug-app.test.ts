import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createDebugApp } from './debug-app.ts';
import type { DebugState } from './debug-state.ts';
import { measuredFixture } from './kubelet/fixture-measured-node.ts';

const state: DebugState = {
  ...{ time: '2026-01-01T00:00:00.000Z', agentVersion: '1.2.3', periodUsec: 5e6, windowUsec: 1e7 },
  node: { name: 'node-1', cgroupMode: 'v2', counters: [], why: 'first' },
  ...{ replicas: [], pods: [], unnamed: [], notReported: [] },
};
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** The pages behind a port, and what could not be answered. @param before sees each response first */
async function served(before: (response: ServerResponse) => void = () => undefined) {
  const errors: unknown[] = [];
  const app = createDebugApp({
    ...{ state: () => state, pod: () => ({ error: 'none' }), measured: () => measuredFixture },
    ...{ recentLog: () => [], versions: {}, pageFiles: async () => new Map() },
    ...{ monotonicUsec: () => 0, onTick: () => () => undefined },
    onError: (path, error) => errors.push([path, error]),
  });
  const server = createServer((request, response) => {
    before(response);
    app(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  cleanUps.push(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return { errors, ask: (path: string) => fetch(`http://127.0.0.1:${port}${path}`) };
}

test('createDebugApp() answers 400 to a path that cannot be decoded, which is no error of the agent', async () => {
  const { ask, errors } = await served();
  const response = await ask('/debug/pods/%E0/x');
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: expect.stringMatching(/^expected .*%E0/) });
  expect(errors).toEqual([]);
});

test('createDebugApp() says nothing of a bundle whose reader goes while it is sent', async () => {
  let closed: Promise<unknown> | undefined;
  const { ask, errors } = await served((response) => {
    closed ??= once(response, 'close');
    response.once('pipe', () => response.socket?.destroy());
  });
  await expect(ask('/debug/bundle').then((response) => response.bytes())).rejects.toThrow();
  await closed;
  // What the first request leads to has happened when a second one is answered.
  expect((await ask('/debug/state')).status).toBe(200);
  expect(errors).toEqual([]);
});
