import { X509Certificate } from 'node:crypto';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createPki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { CertificateMetrics } from './certificate-metrics.ts';

test('CertificateMetrics tells when the leaf of a chain and the last of a bundle expire', async () => {
  const register = new Registry();
  const metrics = new CertificateMetrics(register);
  const { servingCa, clusterCa } = await createPki();
  const { certificate } = await servingCa.issueServing(['localhost']);
  metrics.serves(Buffer.from(`${certificate}\n${servingCa.certificate}`));
  metrics.trustsCa(`${servingCa.certificate}\n${clusterCa.certificate}`);
  const seconds = (pem: string) => new X509Certificate(pem).validToDate.getTime() / 1000;
  const text = await register.metrics();
  const of = (name: string) =>
    Number(
      new RegExp(`tacho_certificate_expiration_timestamp_seconds\\{certificate="${name}"\\} (\\S+)`).exec(
        text,
      )?.[1],
    );
  expect(of('serving')).toBe(seconds(certificate));
  expect(of('ca')).toBe(Math.max(seconds(servingCa.certificate), seconds(clusterCa.certificate)));
});

test.each(['', 'rubbish', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
  'CertificateMetrics takes nothing from what is no certificate: %j',
  async (pem) => {
    const register = new Registry();
    const metrics = new CertificateMetrics(register);
    metrics.serves(pem);
    metrics.trustsCa(pem);
    expect(await register.metrics()).not.toMatch(/^tacho_certificate_expiration_timestamp_seconds\{/m);
  },
);

test('CertificateMetrics counts reloads by their result, both from zero', async () => {
  const register = new Registry();
  const metrics = new CertificateMetrics(register);
  metrics.reloaded(true);
  const text = await register.metrics();
  expect(text).toMatch(/^tacho_certificate_reloads_total\{result="success"\} 1$/m);
  expect(text).toMatch(/^tacho_certificate_reloads_total\{result="failure"\} 0$/m);
});
