import { expect, test } from 'vitest';
import { startApiServer } from './fixture-api-server.ts';
import { get, speak } from './fixture-spoken-bytes.ts';

const last = 'Connection: close\r\n';
const answers = (text: string) => text.match(/^HTTP\/1\.1 \d+/gm) ?? [];

test('ApiServer takes a target that Express cannot read through the gate, and answers without a page', async () => {
  await using api = await startApiServer();
  const said = await (await speak(api, get('http://a:b:c/', last))).all();
  expect(answers(said)).toEqual(['HTTP/1.1 200']);
  expect(said.toLowerCase()).not.toContain('<html');
  expect(api.decided).toHaveLength(1);
});

test('ApiServer answers a request with an expectation that it does not know', async () => {
  await using api = await startApiServer();
  const said = await (await speak(api, get('/apis', `Expect: something\r\n${last}`))).all();
  expect(answers(said)).toEqual(['HTTP/1.1 200']);
});

test('ApiServer finishes the last answer of a connection although more is said behind its request', async () => {
  await using api = await startApiServer();
  const said = await (await speak(api, `${get('/apis', last)}${get('/version')}garbage`)).all();
  expect(answers(said)).toEqual(['HTTP/1.1 200']);
  expect(said).toContain('Größe');
});

test('ApiServer ends a connection with the answer to a request that would upgrade it', async () => {
  await using api = await startApiServer();
  const upgrade = 'Upgrade: websocket\r\nConnection: upgrade\r\n';
  const said = await (await speak(api, get('/apis', upgrade))).all();
  expect(answers(said)).toEqual(['HTTP/1.1 200']);
  expect(said).toMatch(/^connection: close\r$/im);
});

test('ApiServer answers all requests that were sent ahead, although it pauses between two TLS records', async () => {
  await using api = await startApiServer();
  const first = Promise.withResolvers<void>();
  const large = Promise.withResolvers<void>();
  api.state.decide = async (_user, wanted) => {
    if ('nonResourceAttributes' in wanted && wanted.nonResourceAttributes.path === '/first')
      await first.promise;
    return { allowed: true, reason: '' };
  };
  api.state.api = ({ path }) => {
    // The answer is written in this turn of the event loop.
    if (path === '/large') setImmediate(large.resolve);
    return { status: 200, headers: { 'Content-Type': 'text/plain' }, body: `${'x'.repeat(100_000)}\n` };
  };
  const spoken = await speak(api, `${get('/first')}${get('/large')}`);
  await large.promise;
  const ahead = `${get('/third')}${get('/fourth', `${last}X-Long: ${'a'.repeat(20_000)}\r\n`)}`;
  spoken.socket.write(ahead, () => first.resolve());
  expect(answers(await spoken.all())).toEqual(Array.from({ length: 4 }, () => 'HTTP/1.1 200'));
});
