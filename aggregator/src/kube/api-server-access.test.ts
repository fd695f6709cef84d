import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { kubeconfigAccess, podAccess } from './api-server-access.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-access-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** A kubeconfig as kubectl writes it, with these fields of cluster and user. */
const kubeconfig = (cluster: string, user: string) =>
  write(
    'config',
    `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://api:6443"${cluster}}}, {name: other, cluster: {server: "https://other"}}]
users: [{name: u, user: {${user}}}]
contexts: [{name: here, context: {cluster: c, user: u}}]
current-context: here
`,
  );

async function applied(access: { applyTo(options: RequestOptions): Promise<void> }) {
  const options: RequestOptions = { headers: { accept: 'application/json' } };
  await access.applyTo(options);
  return options;
}

test('kubeconfigAccess() reads inline CA, certificate, key and token', async () => {
  const user = `token: t, client-certificate-data: ${base64('cert')}, client-key-data: ${base64('key')}`;
  const access = await kubeconfigAccess(kubeconfig(`, certificate-authority-data: ${base64('ca')}`, user));
  expect(access.server).toBe('https://api:6443');
  expect(await applied(access)).toEqual({
    headers: { accept: 'application/json', authorization: 'Bearer t' },
    ca: Buffer.from('ca'),
    cert: Buffer.from('cert'),
    key: Buffer.from('key'),
  });
});

test('kubeconfigAccess() takes files relative to the kubeconfig and reads token and CA anew each time', async () => {
  write('ca.crt', 'ca');
  write('token', 'first\n');
  const access = await kubeconfigAccess(
    kubeconfig(', certificate-authority: ca.crt, tls-server-name: kubernetes', 'tokenFile: token'),
  );
  expect(await applied(access)).toMatchObject({ ca: Buffer.from('ca'), servername: 'kubernetes' });
  write('token', 'second\n');
  write('ca.crt', 'next ca');
  expect(await applied(access)).toMatchObject({
    headers: { authorization: 'Bearer second' },
    ca: Buffer.from('next ca'),
  });
});

test('kubeconfigAccess() leaves a credential plugin to the library, which runs it', async () => {
  const credential =
    '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"of-plugin"}}';
  const plugin = write('plugin.js', `process.stdout.write(${JSON.stringify(credential)})`);
  const exec = `exec: {apiVersion: client.authentication.k8s.io/v1, command: "${process.execPath}", args: ["${plugin}"], interactiveMode: Never}`;
  const access = await kubeconfigAccess(kubeconfig('', exec));
  expect(access.server).toBe('https://api:6443');
  expect((await applied(access)).headers).toMatchObject({ Authorization: 'Bearer of-plugin' });
});

test('kubeconfigAccess() leaves a cluster whose certificate is not to be verified to the library', async () => {
  const access = await kubeconfigAccess(kubeconfig(', insecure-skip-tls-verify: true', 'token: t'));
  expect((await applied(access)).rejectUnauthorized).toBe(false);
});

test.each([
  ['an empty file', '', /input is empty/],
  ['a text that is no mapping', 'kubeconfig', /names no current context/],
  ['no current context', 'contexts: []', /names no current context/],
  [
    'a context without its cluster',
    'current-context: a\ncontexts: [{name: a, context: {cluster: x}}]',
    /no known cluster/,
  ],
  [
    'a cluster without server',
    'current-context: a\ncontexts: [{name: a, context: {cluster: x}}]\nclusters: [{name: x, cluster: {}}]',
    /names no server/,
  ],
  ['text that is no YAML', '{', /./],
])('kubeconfigAccess() of %s says what is wrong', async (_, text, message) => {
  await expect(kubeconfigAccess(write('broken', text))).rejects.toThrow(message);
});

test('podAccess() uses the service account and reads its token anew, as the kubelet renews it', async () => {
  write('ca.crt', 'ca');
  write('token', 'one');
  const access = podAccess({ host: '10.96.0.1', port: '443' }, folder);
  expect(access.server).toBe('https://10.96.0.1:443');
  expect(podAccess({ host: 'fd00::1', port: '443' }, folder).server).toBe('https://[fd00::1]:443');
  write('token', 'two');
  expect(await applied(access)).toMatchObject({
    ca: Buffer.from('ca'),
    headers: { authorization: 'Bearer two' },
  });
});

test('podAccess() outside of a pod asks for --kubeconfig', () => {
  expect(() => podAccess({ host: undefined, port: undefined }, folder)).toThrow(/--kubeconfig/);
});
