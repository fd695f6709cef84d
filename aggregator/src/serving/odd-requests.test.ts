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
