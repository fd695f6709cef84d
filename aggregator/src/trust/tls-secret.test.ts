import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { completeTlsSecret } from './complete-tls-secret.ts';
import { names } from './fixture-trust.ts';
import { readTlsSecret, type SecretData } from './tls-secret.ts';

const nowMs = Date.now();
const base64 = (text: string) => Buffer.from(text).toString('base64');
let data: SecretData;
let other: SecretData;
beforeAll(async () => {
  data = await completeTlsSecret({}, {}, names, nowMs);
  other = await completeTlsSecret({}, {}, names, nowMs);
});

test('readTlsSecret() of an empty Secret has nothing and no problem', () => {
  expect(readTlsSecret({}, names, nowMs)).toEqual({
    authority: undefined,
    next: undefined,
    serving: undefined,
    problems: [],
  });
});

const rsaKey = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
test.each<[string, () => SecretData, string]>([
  ['no ca.key', () => ({ 'ca.crt': data['ca.crt'] ?? '' }), 'ca.key: expected a private key in PEM'],
  [
    'a ca.key of RSA',
    () => ({ ...data, 'ca.key': base64(String(rsaKey())) }),
    'ca.key: expected a key of ECDSA P-256',
  ],
  [
    'another ca.key',
    () => ({ ...data, 'ca.key': other['ca.key'] ?? '' }),
    'ca.key: expected the key of a CA certificate in ca.crt',
  ],
  [
    'a serving pair as CA',
    () => ({ ...data, 'ca.crt': data['tls.crt'] ?? '', 'ca.key': data['tls.key'] ?? '' }),
    'ca.key: expected the key of a CA certificate in ca.crt',
  ],
  [
    'another tls.key',
    () => ({ ...data, 'tls.key': other['tls.key'] ?? '' }),
    'tls.key: expected the key of tls.crt',
  ],
  [
    'a chain that is broken after its first certificate',
    () => ({
      ...data,
      'tls.crt': base64(`${Buffer.from(data['tls.crt'] ?? '', 'base64')}-----BEGIN CERTIFICATE-----\nAAAA\n`),
    }),
    'tls.crt: expected only certificates in PEM',
  ],
  [
    'a serving pair of another CA',
    () => ({ ...data, 'tls.crt': other['tls.crt'] ?? '', 'tls.key': other['tls.key'] ?? '' }),
    'tls.crt: expected a certificate that the CA with ca.key has signed',
  ],
])('readTlsSecret() names the problem of %s', (_, given, problem) => {
  const { problems, serving } = readTlsSecret(given(), names, nowMs);
  expect([problems, serving]).toEqual([[problem], undefined]);
});

const hourMs = 3_600_000;
const notBefore = (key: string) => new X509Certificate(Buffer.from(data[key] ?? '', 'base64')).validFromDate;

test('readTlsSecret() takes certificates that a clock up to an hour ahead has issued', () => {
  expect(readTlsSecret(data, names, nowMs - hourMs + 1_000)).toMatchObject({ problems: [], serving: {} });
});

test('readTlsSecret() refuses a CA that is not valid yet', () => {
  const { authority, problems, serving } = readTlsSecret(data, names, notBefore('ca.crt').getTime() - 1);
  expect([authority, serving]).toEqual([undefined, undefined]);
  expect(problems).toEqual([`ca.crt: the CA is not valid before ${notBefore('ca.crt').toISOString()}`]);
});

test('readTlsSecret() refuses a serving certificate that is not valid yet, and keeps its CA', async () => {
  const ahead = await completeTlsSecret({ ...data, 'tls.crt': '' }, {}, names, nowMs + 2 * hourMs);
  const { authority, problems, serving } = readTlsSecret(ahead, names, nowMs);
  expect([authority === undefined, serving]).toEqual([false, undefined]);
  expect(problems).toEqual([expect.stringMatching(/^tls\.crt: it is not valid before 20\S+Z$/)]);
  const mended = await completeTlsSecret(ahead, {}, names, nowMs);
  expect(mended['ca.crt']).toBe(data['ca.crt']);
  expect(readTlsSecret(mended, names, nowMs)).toMatchObject({ problems: [], serving: {} });
  // What the right clock has made is good for the other one too.
  expect(await completeTlsSecret(mended, ahead, names, nowMs + 2 * hourMs)).toBe(mended);
});

test('readTlsSecret() names the DNS names that are missing', () => {
  const { problems } = readTlsSecret(data, [...names, 'a.b.svc', 'c.d.svc'], nowMs);
  expect(problems).toEqual(['tls.crt: expected the names a.b.svc, c.d.svc too']);
});

test('readTlsSecret() of any bytes neither throws nor quotes them', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', minLength: 12 }),
    fc.nat(900).map((cut) =>
      Buffer.from(data['tls.key'] ?? '', 'base64')
        .toString()
        .slice(0, cut),
    ),
    fc.nat(900).map((cut) =>
      Buffer.from(data['ca.crt'] ?? '', 'base64')
        .toString()
        .slice(cut),
    ),
  );
  const keys = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'];
  fc.assert(
    fc.property(fc.subarray(keys, { minLength: 1 }), piece, (damaged, text) => {
      const given = { ...data, ...Object.fromEntries(damaged.map((key) => [key, base64(text)])) };
      const said = readTlsSecret(given, names, nowMs).problems.join('\n');
      for (let at = 0; at + 12 <= text.length; at += 1) {
        if (said.includes(text.slice(at, at + 12))) throw new Error(`quotes "${text.slice(at, at + 12)}"`);
      }
    }),
    { numRuns: 50 },
  );
});
