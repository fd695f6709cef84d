import { expect, test } from 'vitest';
import { isOwnHost } from './host-header.ts';

const addresses = ['10.0.0.5', 'fd00::5'];

test.each([
  'localhost',
  'localhost:10252',
  'LOCALHOST:8080',
  '127.0.0.1',
  '127.0.0.1:1',
  '[::1]',
  '[::1]:65535',
  '10.0.0.5:10252',
  '[fd00::5]:10252',
])('isOwnHost() takes %s', (host) => expect(isOwnHost(host, addresses)).toBe(true));

test.each([
  undefined,
  '',
  'evil.example',
  'evil.example:10252',
  'localhost.evil.example',
  'localhost@evil.example',
  'evil.example/localhost',
  'localhost:',
  'localhost:1:2',
  'localhost localhost',
  ' localhost',
  '127.0.0.1.evil.example',
  '127.0.0.2',
  '10.0.0.6',
  '[::1',
  '::1',
  '[localhost',
])('isOwnHost() refuses %s', (host) => expect(isOwnHost(host, addresses)).toBe(false));

test('isOwnHost() refuses an empty host also where the address of the connection is not known', () => {
  expect(isOwnHost('', [''])).toBe(false);
  expect(isOwnHost('[]', [''])).toBe(false);
});
