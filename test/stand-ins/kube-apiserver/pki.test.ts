import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCertificateAuthority } from './pki.ts';

describe('createCertificateAuthority()', () => {
  it('issues a serving certificate that verifies and names every DNS name and address', async () => {
    const ca = await createCertificateAuthority('some-ca');
    const serving = await ca.issueServing(['metrics.tacho.svc', '127.0.0.1']);
    const leaf = new X509Certificate(serving.certificate);
    const root = new X509Certificate(ca.certificate);
    expect(root.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkHost('metrics.tacho.svc')).toBe('metrics.tacho.svc');
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('issues a client certificate whose subject is the user and the groups', async () => {
    const ca = await createCertificateAuthority('some-ca');
    const client = await ca.issueClient({
      commonName: 'alice',
      organizations: ['dev, ops', 'system:masters'],
    });
    const leaf = new X509Certificate(client.certificate);
    expect(leaf.toLegacyObject().subject).toMatchObject({ CN: 'alice', O: ['dev, ops', 'system:masters'] });
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });
});
