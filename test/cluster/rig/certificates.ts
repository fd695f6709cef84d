import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CertificateAndKey,
  type CertificateAuthority,
  createCertificateAuthority,
} from '../../stand-ins/kube-apiserver/pki.ts';
import { controlPlaneAddress, kubernetesServiceAddress, nodeAddress } from './network.ts';
import type { RigNode } from './node.ts';

const kubernetesNames = ['', '.default', '.default.svc', '.default.svc.cluster.local'].map(
  (rest) => `kubernetes${rest}`,
);

/** CN and O of a client certificate, by the name of its kubeconfig. */
const users: Readonly<Record<string, { commonName: string; organizations?: readonly string[] }>> = {
  admin: { commonName: 'tacho-test-admin', organizations: ['system:masters'] },
  'controller-manager': { commonName: 'system:kube-controller-manager' },
  scheduler: { commonName: 'system:kube-scheduler' },
  proxy: { commonName: 'system:kube-proxy' },
  coredns: { commonName: 'coredns' },
};

/**
 * Makes every certificate of a cluster in `folder`: `x.crt`, `x.key`, and kubeconfigs `x.conf` that hold theirs inside.
 * The keys of the authorities stay in memory and are gone afterwards.
 */
export async function writeCertificates(folder: string, nodes: readonly RigNode[]): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [ca, frontProxyCa] = await Promise.all([
    createCertificateAuthority('tacho-test-cluster'),
    createCertificateAuthority('tacho-test-front-proxy'),
  ]);
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text, { mode: 0o600 });
  const writePair = (name: string, pair: CertificateAndKey) => {
    write(`${name}.crt`, pair.certificate);
    write(`${name}.key`, pair.key);
  };
  write('ca.crt', ca.certificate);
  write('front-proxy-ca.crt', frontProxyCa.certificate);
  writePair('front-proxy', await frontProxyCa.issueClient({ commonName: 'front-proxy-client' }));
  // Of the right authority, but not among --requestheader-allowed-names.
  writePair('front-proxy-stranger', await frontProxyCa.issueClient({ commonName: 'stranger' }));
  const kubeletClient = { commonName: 'kube-apiserver-kubelet-client', organizations: ['system:masters'] };
  writePair('apiserver-kubelet', await ca.issueClient(kubeletClient));
  const apiserverNames = [...kubernetesNames, controlPlaneAddress, '127.0.0.1', kubernetesServiceAddress];
  writePair('apiserver', await ca.issueServing(apiserverNames));
  for (const [name, subject] of Object.entries(users))
    write(`${name}.conf`, kubeconfig(ca, await ca.issueClient(subject)));
  for (const { name, number } of nodes) {
    writePair(name, await ca.issueServing([name, nodeAddress(number)]));
    const client = await ca.issueClient({
      commonName: `system:node:${name}`,
      organizations: ['system:nodes'],
    });
    write(`${name}.conf`, kubeconfig(ca, client));
  }
  const serviceAccounts = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  write('sa.key', serviceAccounts.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  write('sa.pub', serviceAccounts.publicKey.export({ type: 'spki', format: 'pem' }).toString());
}

function kubeconfig(ca: CertificateAuthority, client: CertificateAndKey): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const cluster = {
    server: `https://${controlPlaneAddress}:6443`,
    'certificate-authority-data': base64(ca.certificate),
  };
  const user = {
    'client-certificate-data': base64(client.certificate),
    'client-key-data': base64(client.key),
  };
  // JSON is YAML.
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'cluster', cluster }],
    users: [{ name: 'user', user }],
    contexts: [{ name: 'context', context: { cluster: 'cluster', user: 'user' } }],
    'current-context': 'context',
  });
}
