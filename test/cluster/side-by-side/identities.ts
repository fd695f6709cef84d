import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCertificateAuthority } from '../../stand-ins/kube-apiserver/pki.ts';
import type { Cluster } from '../rig/cluster.ts';
import type { Credentials, Headers } from './exchange.ts';
import { usualIdentity } from './requests/request-table.ts';
import { readerAccount, strangerAccount, workloadNamespace } from './workloads.ts';

/** Everyone who asks, by name. Tokens live for an hour. */
export async function everyIdentity(cluster: Cluster): Promise<Readonly<Record<string, Credentials>>> {
  const pki = (file: string) => readFileSync(join(cluster.folder, 'pki', file), 'utf8');
  const pair = (name: string) => ({ certificate: pki(`${name}.crt`), key: pki(`${name}.key`) });
  const bearer = (token: string): Credentials => ({ headers: { authorization: `Bearer ${token}` } });
  const proxy = pair('front-proxy');
  const administrator = clientOf(pki('admin.conf'));
  const coredns = clientOf(pki('coredns.conf'));
  const [reader, stranger] = await Promise.all([
    tokenOf(cluster, readerAccount),
    tokenOf(cluster, strangerAccount),
  ]);
  const foreign = await (await createCertificateAuthority('foreign')).issueClient({
    commonName: 'tacho-test-admin',
    organizations: ['system:masters'],
  });
  const remote = (user: string, ...groups: string[]): Headers => ({
    'x-remote-user': user,
    ...(groups.length > 0 ? { 'x-remote-group': groups } : {}),
  });
  const readerName = `system:serviceaccount:${workloadNamespace}:${readerAccount}`;
  const manyGroups = [
    ...Array.from({ length: 300 }, (_, index) => `group-${index}`),
    'with, comma',
    'system:masters',
  ];
  return {
    [usualIdentity]: { ...proxy, headers: remote('somebody', 'system:masters', 'system:authenticated') },
    'proxied reader': { ...proxy, headers: remote(readerName, 'system:serviceaccounts') },
    'proxied stranger': { ...proxy, headers: remote('some <body>', 'system:authenticated') },
    'proxied stranger without groups': { ...proxy, headers: remote('somebody') },
    'proxied member of many groups': { ...proxy, headers: remote('somebody', ...manyGroups) },
    'proxied with extras': {
      ...proxy,
      headers: {
        ...remote(readerName),
        'x-remote-uid': '1234',
        'x-remote-extra-scopes': ['one', 'two'],
        'x-remote-extra-example.com%2fkey': 'value',
        'x-remote-extra-%zz': 'kept',
      },
    },
    'proxied with a bad token': {
      ...proxy,
      headers: { ...remote(readerName), authorization: 'Bearer nonsense' },
    },
    'proxied with an empty user': { ...proxy, headers: remote('', 'system:masters') },
    'proxied twice named': { ...proxy, headers: { 'x-remote-user': [readerName, 'somebody'] } },
    'proxied anonymous': { ...proxy, headers: remote('system:anonymous', 'system:unauthenticated') },
    'proxy without a user': { ...proxy, headers: {} },
    'stranger of the proxy’s authority': {
      ...pair('front-proxy-stranger'),
      headers: remote('somebody', 'system:masters'),
    },
    'certificate of the administrator': { ...administrator, headers: {} },
    'certificate of nobody': { ...coredns, headers: {} },
    'certificate of nobody with remote headers': {
      ...coredns,
      headers: remote('somebody', 'system:masters'),
    },
    'certificate of nobody with a token': { ...coredns, ...bearer(reader) },
    'certificate of a foreign authority': { certificate: foreign.certificate, key: foreign.key, headers: {} },
    'foreign certificate with a token': {
      certificate: foreign.certificate,
      key: foreign.key,
      ...bearer(reader),
    },
    'token of a reader': bearer(reader),
    'token of a reader in small letters': { headers: { authorization: `bearer ${reader}` } },
    'token after two spaces': { headers: { authorization: `Bearer  ${reader}` } },
    'token of a stranger': bearer(stranger),
    'token with remote headers': {
      headers: { ...bearer(stranger).headers, ...remote('somebody', 'system:masters') },
    },
    'bad token': bearer('nonsense'),
    'empty token': { headers: { authorization: 'Bearer ' } },
    'token cut short': bearer(reader.slice(0, -4)),
    'user and password': { headers: { authorization: 'Basic dXNlcjpwYXNzd29yZA==' } },
    anonymous: { headers: {} },
    'anonymous with remote headers': { headers: remote('somebody', 'system:masters') },
    'administrator as somebody else': { ...administrator, headers: { 'impersonate-user': readerName } },
    'reader as somebody else': { headers: { ...bearer(reader).headers, 'impersonate-user': 'somebody' } },
    'administrator as a group': { ...administrator, headers: { 'impersonate-group': 'system:masters' } },
  };
}

async function tokenOf(cluster: Cluster, account: string): Promise<string> {
  const path = `/api/v1/namespaces/${workloadNamespace}/serviceaccounts/${account}/token`;
  const { status, body } = await cluster.api.post(path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600 },
  });
  if (status !== 201) throw new Error(`asking for a token of ${account}: ${status} ${body}`);
  return (JSON.parse(body) as { status: { token: string } }).status.token;
}

/** The client certificate in a kubeconfig of the rig, which is JSON. */
function clientOf(kubeconfig: string): { readonly certificate: string; readonly key: string } {
  const { users } = JSON.parse(kubeconfig) as {
    users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
  };
  const [first] = users;
  if (first === undefined) throw new Error('reading a kubeconfig: expected a user, found none');
  const decoded = (base64: string) => Buffer.from(base64, 'base64').toString();
  return {
    certificate: decoded(first.user['client-certificate-data']),
    key: decoded(first.user['client-key-data']),
  };
}
