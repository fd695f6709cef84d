import type { CertificateAndKey } from './pki.ts';

/** How a kubeconfig's user proves who he is. */
export type Credentials = { token: string } | CertificateAndKey;

/** A kubeconfig with everything embedded, as JSON, which is YAML too. */
export function writeKubeconfig(server: string, caCertificate: string, credentials: Credentials): string {
  const user =
    'token' in credentials
      ? { token: credentials.token }
      : {
          'client-certificate-data': base64(credentials.certificate),
          'client-key-data': base64(credentials.key),
        };
  const name = 'tacho-stand-in';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(caCertificate) } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
