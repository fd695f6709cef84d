import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import {
  type CertificateAuthority,
  createCertificateAuthority,
} from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { type FrontProxyTrust, frontProxyUser, readBundle } from './front-proxy.ts';

let ca: CertificateAuthority;
let trust: FrontProxyTrust;
let proxy: X509Certificate;
beforeAll(async () => {
  ca = await createCertificateAuthority('front-proxy-ca');
  proxy = await client(ca, 'front-proxy-client');
  trust = {
    ca: readBundle(ca.certificate),
    allowedNames: ['front-proxy-client', 'aggregator'],
    usernameHeaders: ['X-Remote-User', 'X-Other-User'],
    uidHeaders: ['X-Remote-Uid'],
    groupHeaders: ['X-Remote-Group', 'X-Other-Group'],
    extraHeaderPrefixes: ['X-Remote-Extra-', 'X-Other-Extra-'],
  };
});

const client = async (authority: CertificateAuthority, commonName: string) =>
  new X509Certificate((await authority.issueClient({ commonName })).certificate);

const user = ['X-Remote-User', 'jane'];
const hourMs = 3_600_000;

/** The user of headers that come with the front proxy's certificate. */
const userOf = (...rawHeaders: string[]) => frontProxyUser(trust, proxy, rawHeaders, Date.now());

test('frontProxyUser() is whom the front proxy names, with groups, UID and extra', () => {
  expect(
    userOf(
      ...[...user, 'X-Remote-Group', 'dev', 'X-Remote-Uid', 'u-1', 'Accept', '*/*'],
      ...['X-Remote-Extra-Scopes', 'view'],
    ),
  ).toEqual({
    name: 'jane',
    uid: 'u-1',
    groups: ['dev', 'system:authenticated'],
    extra: { scopes: ['view'] },
  });
});

test('frontProxyUser() keeps a group with a comma whole, and repeated headers apart and in order', () => {
  const groups = ['X-Remote-Group', 'a,b', 'x-remote-group', 'c', 'X-REMOTE-GROUP', '', 'X-Other-Group', 'd'];
  expect(userOf(...user, ...groups)?.groups).toEqual(['a,b', 'c', 'd', 'system:authenticated']);
});

test('frontProxyUser() takes 300 groups', () => {
  const groups = Array.from({ length: 300 }, (_, index) => ['X-Remote-Group', `g${index}`]).flat();
  expect(userOf(...user, ...groups)?.groups).toHaveLength(301);
});

test.each(['system:authenticated', 'system:unauthenticated'])(
  'frontProxyUser() adds no group to one who is already %s',
  (group) => expect(userOf(...user, 'X-Remote-Group', group)?.groups).toEqual([group]),
);

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
    ...{ name: 'jürgen@例え', extra: { k: ['ü'] } },
    groups: ['größe', 'system:authenticated'],
  });
});

test('frontProxyUser() takes the first username that is not empty, in the order of the published headers', () => {
  expect(userOf('X-Other-User', 'second', 'X-Remote-User', 'first')?.name).toBe('first');
  expect(userOf('X-Other-User', 'second', 'X-Remote-User', '')?.name).toBe('second');
});

test('frontProxyUser() without a username is nobody', () => {
  expect(userOf()).toBeUndefined();
  expect(userOf('X-Remote-User', '')).toBeUndefined();
  expect(userOf('X-Remote-Group', 'system:masters')).toBeUndefined();
});

test('frontProxyUser() takes no UID from a header that was not published', () => {
  const older = { ...trust, uidHeaders: [] };
  expect(frontProxyUser(older, proxy, [...user, 'X-Remote-Uid', 'forged'], Date.now())?.uid).toBe('');
});

test('frontProxyUser() believes no headers without a certificate', () => {
  expect(frontProxyUser(trust, undefined, user, Date.now())).toBeUndefined();
});

test('frontProxyUser() believes no certificate of another CA, though the CA has the same name', async () => {
  const other = await client(await createCertificateAuthority('front-proxy-ca'), 'front-proxy-client');
  expect(frontProxyUser(trust, other, user, Date.now())).toBeUndefined();
});

test.each([-2 * hourMs, 366 * 24 * hourMs])(
  'frontProxyUser() believes no certificate that is not valid now: %d ms off',
  (offMs) => expect(frontProxyUser(trust, proxy, user, Date.now() + offMs)).toBeUndefined(),
);

test.each([
  ['front-proxy-client', true],
  ['aggregator', true],
  ['kubernetes-admin', false],
  ['front-proxy-client\nCN=x', false],
  ['x\nCN=front-proxy-client', false],
])('frontProxyUser() with the common name %j is believed: %s', async (commonName, believed) => {
  const certificate = await client(ca, commonName);
  expect(frontProxyUser(trust, certificate, user, Date.now()) !== undefined).toBe(believed);
});

test('frontProxyUser() believes any common name when none is published', async () => {
  const certificate = await client(ca, 'anyone');
  expect(frontProxyUser({ ...trust, allowedNames: [] }, certificate, user, Date.now())?.name).toBe('jane');
});

test('frontProxyUser() believes no serving certificate: it must be for TLS clients', async () => {
  const { certificate } = await ca.issueServing(['front-proxy-client']);
  expect(frontProxyUser(trust, new X509Certificate(certificate), user, Date.now())).toBeUndefined();
});

test('frontProxyUser() believes each CA of a bundle: old and new while it is exchanged', async () => {
  const next = await createCertificateAuthority('front-proxy-ca-2');
  const both = { ...trust, ca: readBundle(`${ca.certificate}# the next one\n${next.certificate}`) };
  const certificate = await client(next, 'front-proxy-client');
  expect(frontProxyUser(trust, certificate, user, Date.now())).toBeUndefined();
  for (const each of [proxy, certificate]) {
    expect(frontProxyUser(both, each, user, Date.now())?.name).toBe('jane');
  }
});

test.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
  'readBundle() throws for %j',
  (pem) => expect(() => readBundle(pem)).toThrow(),
);
