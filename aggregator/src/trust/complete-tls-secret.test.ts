import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { beforeAll, expect, test } from 'vitest';
import { completeTlsSecret } from './complete-tls-secret.ts';
import { names } from './fixture-trust.ts';
import { readTlsSecret, type SecretData } from './tls-secret.ts';

const nowMs = Date.now();
const dayMs = 24 * 3_600_000;
const yearMs = 365 * dayMs;
const text = (data: SecretData, key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
let data: SecretData;
beforeAll(async () => {
  data = await completeTlsSecret({}, {}, names, nowMs);
});

test('completeTlsSecret() makes an ECDSA P-256 CA of ten years and a serving certificate of one', () => {
  const ca = new X509Certificate(text(data, 'ca.crt'));
  const leaf = new X509Certificate(text(data, 'tls.crt'));
  for (const certificate of [ca, leaf]) {
    expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
    expect(certificate.validFromDate.getTime()).toBeLessThan(nowMs);
  }
  expect([ca.ca, leaf.ca]).toEqual([true, false]);
  expect(Math.round((ca.validToDate.getTime() - nowMs) / yearMs)).toBe(10);
  expect(Math.round((leaf.validToDate.getTime() - nowMs) / yearMs)).toBe(1);
});

test.each(names)(
  'completeTlsSecret() makes a certificate that node:tls verifies for %s',
  async (servername) => {
    const server = createServer({ cert: text(data, 'tls.crt'), key: text(data, 'tls.key') });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const verify = (name: string, ca = text(data, 'ca.crt')) =>
      new Promise<string>((resolve) => {
        const socket = connect({ host: '127.0.0.1', port, servername: name, ca }, () => {
          resolve('verified');
          socket.destroy();
        }).on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
      });
    expect(await verify(servername)).toBe('verified');
    expect(await verify('other.tacho.svc')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    const foreign = await completeTlsSecret({}, {}, names, nowMs);
    expect(await verify(servername, text(foreign, 'ca.crt'))).not.toBe('verified');
    server.close();
  },
);

test('completeTlsSecret() makes certificates that openssl accepts in strict mode', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tacho-trust-'));
  const file = (key: string) => join(folder, key);
  for (const key of ['ca.crt', 'tls.crt']) writeFileSync(file(key), text(data, key));
  const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', names[0] ?? ''];
  expect(execFileSync('openssl', [...args, '-CAfile', file('ca.crt'), file('tls.crt')]).toString()).toContain(
    'OK',
  );
  rmSync(folder, { recursive: true });
});

test('completeTlsSecret() gives the same data when nothing is missing, up to the last third of a life', async () => {
  expect(await completeTlsSecret(data, {}, names, nowMs)).toBe(data);
  expect(await completeTlsSecret(data, {}, names, nowMs + 243 * dayMs)).toBe(data);
  expect(await completeTlsSecret(data, {}, names, nowMs + 244 * dayMs)).not.toBe(data);
});

test.each([
  ['that is due', () => data, names, nowMs + 250 * dayMs],
  ['that has ended', () => data, names, nowMs + 400 * dayMs],
  ['that is missing', () => ({ ...data, 'tls.crt': '', 'tls.key': '' }), names, nowMs],
  ['without a name that is wanted', () => data, [...names, 'new.tacho.svc'], nowMs],
])(
  'completeTlsSecret() replaces a serving certificate %s, by the same CA',
  async (_, given, wanted, atMs) => {
    const completed = await completeTlsSecret(given(), data, wanted, atMs);
    expect(completed).toMatchObject({ 'ca.crt': data['ca.crt'], 'ca.key': data['ca.key'] });
    const { serving, problems } = readTlsSecret(completed, wanted, atMs);
    expect([problems, serving === undefined]).toEqual([[], false]);
    // What is missing is put back; what is no longer good is not.
    expect(completed['tls.crt'] === data['tls.crt']).toBe(wanted === names && atMs === nowMs);
  },
);

test('completeTlsSecret() keeps a CA up to its last day, then replaces it and what it signed', async () => {
  const early = await completeTlsSecret(data, data, names, nowMs + 10 * yearMs - 2 * dayMs);
  expect(early['ca.crt']).toBe(data['ca.crt']);
  const atMs = nowMs + 10 * yearMs - dayMs / 2;
  const completed = await completeTlsSecret(data, data, names, atMs);
  expect(completed['ca.crt']).not.toBe(data['ca.crt']);
  expect(readTlsSecret(completed, names, atMs)).toMatchObject({ problems: [], serving: {} });
});

test('completeTlsSecret() issues nothing that outlives its CA', async () => {
  const atMs = nowMs + 9.5 * yearMs;
  const completed = await completeTlsSecret(data, {}, names, atMs);
  expect(completed['ca.crt']).toBe(data['ca.crt']);
  const [ca, leaf] = ['ca.crt', 'tls.crt'].map((key) => new X509Certificate(text(completed, key)));
  expect(leaf?.validToDate).toEqual(ca?.validToDate);
});

test('completeTlsSecret() goes on with a bundle of two CAs, signing with the one whose key is there', async () => {
  const older = await completeTlsSecret({}, {}, names, nowMs);
  const both = Buffer.from(text(older, 'ca.crt') + text(data, 'ca.crt')).toString('base64');
  const bundled = { ...data, 'ca.crt': both };
  expect(await completeTlsSecret(bundled, {}, names, nowMs)).toBe(bundled);
  const renewed = await completeTlsSecret({ ...bundled, 'tls.crt': '' }, {}, names, nowMs);
  expect(renewed).toMatchObject({ 'ca.crt': both, 'ca.key': data['ca.key'] });
  expect(readTlsSecret(renewed, names, nowMs).problems).toEqual([]);
});

/** A whole Secret whose next CA is that of another one. */
const withNext = (next: SecretData): SecretData => ({
  ...data,
  'next-ca.crt': next['ca.crt'] ?? '',
  'next-ca.key': next['ca.key'] ?? '',
});
const damages: [string, SecretData][] = [
  ['cleared', { 'next-ca.crt': '', 'next-ca.key': '' }],
  ['without its key', { 'next-ca.key': '' }],
  ['of rubbish', { 'next-ca.crt': Buffer.from('x').toString('base64') }],
];

test.each(damages)('completeTlsSecret() puts a next CA that is %s back from memory', async (_, damage) => {
  const whole = withNext(await completeTlsSecret({}, {}, names, nowMs));
  expect(await completeTlsSecret(whole, {}, names, nowMs)).toBe(whole);
  expect(await completeTlsSecret({ ...whole, ...damage }, whole, names, nowMs)).toEqual(whole);
});

test.each(damages.slice(1))(
  'completeTlsSecret() makes a next CA that is %s anew where it is not remembered',
  async (_, damage) => {
    const whole = withNext(await completeTlsSecret({}, {}, names, nowMs));
    const mended = await completeTlsSecret({ ...whole, ...damage }, {}, names, nowMs);
    expect(mended).toMatchObject(data);
    expect(mended['next-ca.key']).not.toBe(whole['next-ca.key']);
    expect(readTlsSecret(mended, names, nowMs)).toMatchObject({ problems: [], next: {} });
  },
);

test('completeTlsSecret() makes a next CA anew that is the one which signs already', async () => {
  const mended = await completeTlsSecret(withNext(data), {}, names, nowMs);
  expect(mended['next-ca.crt']).not.toBe(data['ca.crt']);
  expect(readTlsSecret(mended, names, nowMs)).toMatchObject({ problems: [], next: {} });
});

test('completeTlsSecret() does not put the next CA of another one back', async () => {
  const whole = withNext(await completeTlsSecret({}, {}, names, nowMs));
  const other = await completeTlsSecret({}, {}, names, nowMs);
  expect(await completeTlsSecret(other, whole, names, nowMs)).toBe(other);
});

test.each([
  ['that is damaged', { 'ca.key': '' }, nowMs],
  ['that has ended', {}, nowMs + 10 * yearMs],
])('completeTlsSecret() takes the next CA in the place of one %s', async (_, damage, atMs) => {
  const next = await completeTlsSecret({}, {}, names, nowMs + yearMs);
  const taken = await completeTlsSecret(
    { ...withNext(next), ...damage },
    {},
    names,
    Math.max(atMs, nowMs + yearMs),
  );
  expect(taken).toMatchObject({ 'ca.crt': next['ca.crt'], 'ca.key': next['ca.key'] });
  expect(Object.keys(taken)).not.toContain('next-ca.crt');
  expect(readTlsSecret(taken, names, Math.max(atMs, nowMs + yearMs))).toMatchObject({
    problems: [],
    serving: {},
  });
});
