import { expect, test } from 'vitest';
import { createCertificateAuthority } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { readBundle } from './ca-bundle.ts';

test('readBundle() reads every certificate, whatever stands between them', async () => {
  const [one, two] = await Promise.all([
    createCertificateAuthority('one'),
    createCertificateAuthority('two'),
  ]);
  const bundle = readBundle(`# old\n${one.certificate}\n# the next one\r\n${two.certificate}`);
  expect(bundle.map(({ subject }) => subject)).toEqual(['CN=one', 'CN=two']);
});

test.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
  'readBundle() throws for %j',
  (pem) => expect(() => readBundle(pem)).toThrow(),
);

test('readBundle() throws when one of several certificates is broken', async () => {
  const { certificate } = await createCertificateAuthority('one');
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  expect(() => readBundle(certificate + broken)).toThrow();
});
