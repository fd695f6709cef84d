import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import type { DebugState } from './debug-state.ts';
import { StateEvents, type StateOptions } from './state-events.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const state = { pods: [], unnamed: [], notReported: [] } as unknown as DebugState;

/** Events on a real socket, ticks that the test makes, and what was asked of the state. */
async function served(make: (options: StateOptions) => DebugState = () => state) {
  const asked: StateOptions[] = [];
  const errors: unknown[] = [];
  const listeners = new Set<() => void>();
  let nowUsec = 0;
  const events = new StateEvents({
    state: (options) => {
      asked.push(options);
      return make(options);
    },
    monotonicUsec: () => nowUsec,
    onTick: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onError: (_path, error) => errors.push(error),
  });
  const server = createServer((_request, response) => {
    if (!events.add(response)) response.writeHead(503).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = (usec: number) => {
    nowUsec = usec;
  };
  const tick = (usec: number) => {
    at(usec);
    for (const listener of listeners) listener();
  };
  return { port, at, tick, asked, errors, listeners };
}

async function listen(port: number) {
  const [response] = (await once(get({ port, host: '127.0.0.1', agent: false }), 'response')) as [
    IncomingMessage,
  ];
  const heard: string[] = [];
  response
    .setEncoding('utf8')
    .on('data', (text: string) => heard.push(...text.split('\n\n').filter(Boolean)));
  response.on('error', () => undefined);
  const has = (count: number) => eventually(() => expect(heard).toHaveLength(count));
  return { response, heard, has };
}

test('StateEvents sends the whole state at once, then after each tick what was read since the event before', async () => {
  const { port, tick, asked } = await served();
  const { response, heard, has } = await listen(port);
  await has(2);
  expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  tick(10);
  await has(3);
  tick(20);
  await has(4);
  expect(heard).toEqual(['retry: 2000', ...Array(3).fill(`data: ${JSON.stringify(state)}`)]);
  expect(asked).toEqual([{}, { countersAfterUsec: 0 }, { countersAfterUsec: 10 }]);
});

test('StateEvents makes nothing while nobody listens, and one event for all who do', async () => {
  const { port, tick, asked, listeners } = await served();
  tick(1);
  expect(asked).toEqual([]);
  const [one, two] = [await listen(port), await listen(port)];
  await Promise.all([one.has(2), two.has(2)]);
  tick(2);
  await Promise.all([one.has(3), two.has(3)]);
  expect(asked).toHaveLength(3);
  one.response.destroy();
  two.response.destroy();
  await eventually(() => expect(listeners.size).toBe(0));
});

test('StateEvents sends each listener what was read since their own last event, whoever came meanwhile', async () => {
  const { port, at, tick, asked } = await served();
  const one = await listen(port);
  await one.has(2);
  tick(10);
  await one.has(3);
  at(15);
  const two = await listen(port);
  await two.has(2);
  asked.length = 0;
  tick(20);
  await Promise.all([one.has(4), two.has(3)]);
  tick(30);
  expect(asked).toEqual([{ countersAfterUsec: 10 }, { countersAfterUsec: 15 }, { countersAfterUsec: 20 }]);
});

test('StateEvents serves four and no fifth', async () => {
  const { port } = await served();
  const four = await Promise.all([listen(port), listen(port), listen(port), listen(port)]);
  expect(four.map(({ response }) => response.statusCode)).toEqual([200, 200, 200, 200]);
  expect((await listen(port)).response.statusCode).toBe(503);
});

test('StateEvents leaves a listener that does not read after some ticks, and serves the others', async () => {
  const much = { ...state, agentVersion: 'x'.repeat(4_000_000) };
  const { port, tick, listeners, asked } = await served(() => much);
  const slow = connect(port, '127.0.0.1');
  slow.on('error', () => undefined);
  await once(slow, 'connect');
  slow.pause();
  slow.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await eventually(() => expect(listeners.size).toBe(1));
  const before = asked.length;
  for (let count = 1; count <= 7; count += 1) tick(count);
  await eventually(() => expect(listeners.size).toBe(0));
  expect(asked).toHaveLength(before);
  slow.destroy();
});

test('StateEvents ends the streams and says why when the state cannot be made', async () => {
  let fails = false;
  const { port, tick, errors } = await served(() => {
    if (fails) throw new Error('no such thing');
    return state;
  });
  const { response, has } = await listen(port);
  await has(2);
  fails = true;
  const closed = new Promise((resolve) => response.on('close', resolve));
  tick(1);
  await closed;
  expect(errors).toEqual([new Error('no such thing')]);
});
