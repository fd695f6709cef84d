import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCertificateAuthority } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { readServingPair } from './serving-pair.ts';

let folder = '';
const file = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-serving-'));
  const ca = await createCertificateAuthority('test');
  for (const name of ['one', 'other']) {
    const { certificate, key } = await ca.issueServing(['localhost']);
    writeFileSync(file(`${name}.crt`), certificate);
    writeFileSync(file(`${name}.key`), key);
  }
  writeFileSync(file('rubbish'), 'rubbish');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('readServingPair() reads a certificate and its key', () => {
  expect(readServingPair(file('one.crt'), file('one.key')).cert.toString()).toContain('BEGIN CERTIFICATE');
});

test.each([
  ['missing', 'one.key', /Cannot read --tls-cert-file=.*missing: ENOENT/],
  ['one.crt', 'missing', /Cannot read --tls-private-key-file=.*missing: ENOENT/],
  ['rubbish', 'one.key', /Cannot use --tls-cert-file=.*rubbish: expected PEM/],
  ['one.crt', 'rubbish', /Cannot use --tls-private-key-file=.*rubbish: expected PEM/],
  ['one.crt', 'other.key', /the key in .*other\.key is not that of the certificate in .*one\.crt/],
])('readServingPair() of %s and %s says what is wrong', (cert, key, message) => {
  expect(() => readServingPair(file(cert), file(key))).toThrow(message);
});
