import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jwt } from './fixture-identity.ts';
import { tokenLife } from './token-life.ts';

test('tokenLife() reads when a JWT was issued and when it ends', () => {
  expect(tokenLife(jwt({ iat: 1_700_000_000, exp: 1_700_003_600 }))).toEqual({
    issuedMs: 1_700_000_000_000,
    expiresMs: 1_700_003_600_000,
  });
  expect(tokenLife(jwt({ exp: 1_700_003_600.5 }))).toEqual({
    issuedMs: undefined,
    expiresMs: 1_700_003_600_500,
  });
});

test.each([
  ['no JWT', 'stand-in-abc'],
  ['two parts', 'a.b'],
  ['four parts', `${jwt({ exp: 1 })}.x`],
  ['no JSON', 'a.b.c'],
  ['null', jwt(null)],
  ['a number', jwt(7)],
  ['no end', jwt({ iat: 1 })],
  ['an end in words', jwt({ exp: '1700003600' })],
  ['an end at 0', jwt({ exp: 0 })],
  ['an end that is no number', jwt({ exp: null })],
])('tokenLife() of %s is undefined', (_, token) => {
  expect(tokenLife(token)).toBeUndefined();
});

test('tokenLife() throws at nothing', () => {
  fc.assert(fc.property(fc.string(), (text) => void tokenLife(text)));
  fc.assert(
    fc.property(fc.json(), (text) => void tokenLife(`a.${Buffer.from(text).toString('base64url')}.c`)),
  );
});
