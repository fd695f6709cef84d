import { expect, test } from 'vitest';
import { withoutSecrets } from './without-secrets.ts';

const token = `${btoa('{"alg":"RS256"}')}.${btoa('{"sub":"agent"}').replaceAll('=', '')}.c2lnbmF0dXJl_-x`;
const key = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----';

test.each([
  [`a ${token} b`, 'a [taken out] b'],
  [`{"authorization":"Bearer abc.def"}`, '{"authorization":"Bearer [taken out]"}'],
  [`authorization: bearer ${token}, next`, 'authorization: bearer [taken out], next'],
  [`x ${key} y`, 'x [taken out] y'],
  [`x ${key.slice(0, 40)}`, 'x [taken out]'],
  ['web-1_default_app: usage_usec 12', 'web-1_default_app: usage_usec 12'],
])('withoutSecrets() of %j is %j', (text, expected) => {
  expect(withoutSecrets(text)).toBe(expected);
});
