import { createSecureContext, getCiphers } from 'node:tls';
import { expect, test } from 'vitest';
import { cipherSuiteNames, cipherSuites } from './cipher-suites.ts';
import { keyExchangeGroups } from './key-exchange.ts';

test('cipherSuites() knows each of its names, and OpenSSL knows what it makes of them', () => {
  const known = getCiphers();
  for (const name of cipherSuiteNames) {
    const outcome = cipherSuites(`${name},TLS_AES_128_GCM_SHA256`);
    if ('problem' in outcome) throw new Error(outcome.problem);
    for (const suite of outcome.value?.split(':') ?? []) expect(known).toContain(suite.toLowerCase());
    createSecureContext({ ciphers: outcome.value });
  }
});

test('cipherSuites() always has those of TLS 1.3, and each once', () => {
  expect(
    cipherSuites(
      'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,TLS_RSA_WITH_AES_128_CBC_SHA',
    ),
  ).toEqual({
    value:
      'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-RSA-CHACHA20-POLY1305:AES128-SHA',
  });
  expect(cipherSuites('')).toEqual({ value: undefined });
});

test('cipherSuites() leaves out what is broken with a warning, and does not go on with nothing else', () => {
  expect(cipherSuites('TLS_RSA_WITH_RC4_128_SHA,TLS_RSA_WITH_AES_128_GCM_SHA256')).toMatchObject({
    value: expect.stringMatching(/:AES128-GCM-SHA256$/),
    warning: 'without TLS_RSA_WITH_RC4_128_SHA: broken, and not spoken here',
  });
  expect(cipherSuites('TLS_RSA_WITH_RC4_128_SHA')).toEqual({
    problem: 'expected a cipher suite that is not broken, found only TLS_RSA_WITH_RC4_128_SHA',
  });
});

test('cipherSuites() names what it does not know, and all that it does', () => {
  expect(cipherSuites('TLS_AES_128_GCM_SHA256,AES128-SHA,TLS_X')).toEqual({
    problem: `expected some of ${cipherSuiteNames.join(', ')}, found AES128-SHA, TLS_X`,
  });
});

test('keyExchangeGroups() gives groups that OpenSSL knows, in its order', () => {
  expect(keyExchangeGroups('23, 4588,29')).toEqual({ value: 'X25519MLKEM768:X25519:P-256' });
  expect(keyExchangeGroups('[]')).toEqual({ value: undefined });
  expect(keyExchangeGroups('23,99')).toEqual({
    problem: 'expected some of 23, 24, 25, 29, 4587, 4588, 4589, found 99',
  });
  const all = keyExchangeGroups('23,24,25,29,4587,4588,4589');
  createSecureContext({ ecdhCurve: 'value' in all ? all.value : undefined });
});
