import { expect, test } from 'vitest';
import { frontProxyUser } from './front-proxy.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import type { FrontProxyTrust } from './trust.ts';
import type { User } from './user.ts';

const trust: FrontProxyTrust = {
  ca: [],
  allowedNames: ['front-proxy-client', 'aggregator'],
  usernameHeaders: ['x-remote-user', 'x-other-user'],
  uidHeaders: ['x-remote-uid'],
  groupHeaders: ['x-remote-group', 'x-other-group'],
  extraHeaderPrefixes: ['x-remote-extra-', 'x-other-extra-'],
};
const proxy: PeerCertificate = {
  ...{ commonName: 'front-proxy-client', organizations: [], uids: [], sha256: 'f00' },
  ...{ frontProxyChains: [{ fromMs: 1_000, untilMs: 2_000 }], clientChains: [] },
};
const user = ['X-Remote-User', 'jane'];

/** The user of headers that come with the front proxy's certificate. */
function userOf(...rawHeaders: string[]): User | undefined {
  const verdict = frontProxyUser(trust, proxy, rawHeaders, 1_500);
  return verdict !== undefined && 'user' in verdict ? verdict.user : undefined;
}

test('frontProxyUser() is whom the front proxy names, with groups, UID and extra', () => {
  expect(
    userOf(
      ...[...user, 'X-Remote-Group', 'dev', 'X-Remote-Uid', 'u-1', 'Accept', '*/*'],
      ...['X-Remote-Extra-Scopes', 'view'],
    ),
  ).toEqual({ name: 'jane', uid: 'u-1', groups: ['dev'], extra: { scopes: ['view'] } });
});

test('frontProxyUser() keeps a group with a comma whole, and repeated headers apart and in order', () => {
  const groups = ['X-Other-Group', 'd', 'X-Remote-Group', 'a,b', 'x-remote-group', 'c', 'X-REMOTE-GROUP', ''];
  expect(userOf(...user, ...groups)?.groups).toEqual(['a,b', 'c', 'd']);
});

test.each([
  ['X-Remote-Extra-Example.com%2fScope', 'example.com/scope'],
  ['X-REMOTE-EXTRA-ACME%2FK', 'acme/k'],
  ['x-other-extra-a%20b', 'a b'],
  ['X-Remote-Extra-50%', '50%'],
  ['X-Remote-Extra-%zz', '%zz'],
  ['X-Remote-Extra-__proto__', '__proto__'],
])('frontProxyUser() makes of %s the extra key %s', (header, key) => {
  const extra = userOf(...user, header, 'one', header.toLowerCase(), 'two, three')?.extra ?? {};
  expect(Object.entries(extra)).toEqual([[key, ['one', 'two, three']]]);
});

test('frontProxyUser() reads what comes as UTF-8, of which Node makes one character for each byte', () => {
  const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  const headers = ['X-Remote-User', latin1('jürgen@例え'), 'X-Remote-Group', latin1('größe')];
  expect(userOf(...headers, 'X-Remote-Extra-K', latin1('ü'))).toMatchObject({
    ...{ name: 'jürgen@例え', extra: { k: ['ü'] }, groups: ['größe'] },
  });
});

test('frontProxyUser() takes the first header with a username, of a repeated one its first value', () => {
  expect(userOf('X-Other-User', 'second', 'X-Remote-User', 'first')?.name).toBe('first');
  expect(userOf('X-Other-User', 'second', 'X-Remote-User', '')?.name).toBe('second');
  expect(userOf('X-Remote-User', 'first', 'X-Remote-User', 'forged')?.name).toBe('first');
  expect(userOf('X-Remote-User', '', 'X-Remote-User', 'forged')).toBeUndefined();
});

test('frontProxyUser() without a username says nothing', () => {
  for (const headers of [[], ['X-Remote-User', ''], ['X-Remote-Group', 'system:masters']]) {
    expect(frontProxyUser(trust, proxy, headers, 1_500)).toBeUndefined();
  }
});

test('frontProxyUser() says nothing without a certificate, and where no front proxy is known', () => {
  expect(frontProxyUser(trust, undefined, user, 1_500)).toBeUndefined();
  expect(frontProxyUser(undefined, proxy, user, 1_500)).toBeUndefined();
});

test.each([
  ['too early', proxy, 999],
  ['too late', proxy, 2_001],
  ['of another CA', { ...proxy, frontProxyChains: [] }, 1_500],
  ['of a common name that may not speak for users', { ...proxy, commonName: 'jane' }, 1_500],
  ['without a common name', { ...proxy, commonName: '' }, 1_500],
])('frontProxyUser() finds an error in a certificate %s', (_, peer, nowMs) => {
  expect(frontProxyUser(trust, peer, user, nowMs)).toMatchObject({ error: expect.stringContaining('f00') });
});

test('frontProxyUser() believes any common name when none is named', () => {
  const open = { ...trust, allowedNames: [] };
  expect(frontProxyUser(open, { ...proxy, commonName: 'anyone' }, user, 1_500)).toHaveProperty('user');
});
