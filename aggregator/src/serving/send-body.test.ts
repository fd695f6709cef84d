import { createServer, get, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { sendBody, takesGzip, usualGzipAboveBytes } from './send-body.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Serves this body on a real socket and reads it. */
async function receive(body: () => Parameters<typeof sendBody>[1], mayGzip: boolean): Promise<Received> {
  const failures: unknown[] = [];
  const server = createServer((_, response) => {
    void sendBody(response, body(), {
      gzipAboveBytes: mayGzip ? usualGzipAboveBytes : undefined,
      monotonicMs: () => performance.now(),
    }).catch((error) => failures.push(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise<Received>((resolve, reject) => {
      get({ port, host: '127.0.0.1', agent: false }, (response) => {
        buffer(response).then((bytes) => resolve({ headers: response.headers, body: bytes }), reject);
      }).on('error', reject);
    });
  } finally {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(failures).toEqual([]);
  }
}

/** Two buffers by turns, as a list is made: a piece that is read too late is another one. */
function* pieces(count: number, bytes: number) {
  const buffers = [Buffer.alloc(bytes), Buffer.alloc(bytes)];
  for (let index = 0; index < count; index += 1) {
    yield undefined;
    yield (buffers[index % 2] as Buffer).fill(48 + (index % 10));
  }
}

const whole = (count: number, bytes: number) =>
  Buffer.concat(Array.from({ length: count }, (_, index) => Buffer.alloc(bytes, 48 + (index % 10))));

test.each([
  ['gzip', true],
  ['deflate, gzip, *;q=0.5', true],
  ['gzip;q=0', false],
  ['gzip;q=1.0', false],
  ['x-gzip', false],
  ['*', false],
  ['identity', false],
  ['', false],
  [undefined, false],
])('takesGzip() of %s is %s', (header, expected) => {
  expect(takesGzip(header)).toBe(expected);
});

test.each([false, true])('sendBody() sends a short body whole, with its length (gzip: %s)', async (gzip) => {
  for (const body of [() => 'häppchen', () => Buffer.from('häppchen'), () => [Buffer.from('häppchen')]]) {
    const received = await receive(body, gzip);
    expect(received.body.toString()).toBe('häppchen');
    expect(received.headers).toMatchObject({ 'content-length': '9' });
    expect(received.headers).not.toHaveProperty('content-encoding');
  }
  expect((await receive(() => [], gzip)).headers).toMatchObject({ 'content-length': '0' });
});

test.each([
  [1, usualGzipAboveBytes],
  [1, usualGzipAboveBytes + 1],
  [2, 1],
  [40, 256 * 1024],
])('sendBody() sends %i pieces of %i bytes as they were made', async (count, bytes) => {
  const plain = await receive(() => pieces(count, bytes), false);
  expect(plain.body.equals(whole(count, bytes))).toBe(true);
  expect(plain.headers).not.toHaveProperty('content-encoding');
});

test.each([
  [1, usualGzipAboveBytes + 1],
  [40, 256 * 1024],
])('sendBody() compresses %i pieces of %i bytes for those who take it', async (count, bytes) => {
  const { body, headers } = await receive(() => pieces(count, bytes), true);
  expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  expect(gunzipSync(body).equals(whole(count, bytes))).toBe(true);
});

test('sendBody() compresses a long body that was made as one', async () => {
  const { body, headers } = await receive(() => whole(1, usualGzipAboveBytes + 1), true);
  expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  expect(gunzipSync(body).equals(whole(1, usualGzipAboveBytes + 1))).toBe(true);
});

test('sendBody() ends what makes the pieces when the client leaves', async () => {
  const ended = vi.fn();
  const outcome = Promise.withResolvers<unknown>();
  const server = createServer((_, response) => {
    void sendBody(response, endless(), {
      gzipAboveBytes: undefined,
      monotonicMs: () => performance.now(),
    }).then(outcome.resolve, outcome.resolve);
  });
  function* endless() {
    try {
      for (;;) yield Buffer.alloc(64 * 1024);
    } finally {
      ended();
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const request = get({ port, host: '127.0.0.1', agent: false }, (response) => {
    response.on('error', () => {});
    response.once('data', () => request.destroy());
  });
  request.on('error', () => {});
  expect(await outcome.promise).toBeInstanceOf(Error);
  expect(ended).toHaveBeenCalledOnce();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});
