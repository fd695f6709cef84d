import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { expect, test } from 'vitest';
import { createPki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { readBundle } from './ca-bundle.ts';
import { startGate } from './fixture-gate.ts';
import { PeerCertificates } from './peer-certificate.ts';
import { x509User } from './x509.ts';

const list = '/apis/metrics.k8s.io/v1/nodes';
const uid = '1.3.6.1.4.1.57683.2';

test('PeerCertificates.of() judges a connection once, and again under another trust', async () => {
  const pki = await createPki();
  const { certificate } = await pki.clusterCa.issueClient({ commonName: 'jane' });
  let looks = 0;
  const connection = {
    getPeerX509Certificate: () => {
      looks += 1;
      return new X509Certificate(certificate);
    },
  };
  const peers = new PeerCertificates();
  const trust = { frontProxy: undefined, clientCa: readBundle(pki.clusterCa.certificate) };
  for (let request = 0; request < 3; request += 1)
    expect(peers.of(connection, trust)?.clientChains).toHaveLength(1);
  expect(looks).toBe(1);
  const next = { frontProxy: undefined, clientCa: readBundle(pki.servingCa.certificate) };
  expect(peers.of(connection, next)?.clientChains).toEqual([]);
  expect(looks).toBe(2);
});

test('PeerCertificates.of() is undefined for a peer that shows no certificate', () => {
  const trust = { frontProxy: undefined, clientCa: [] };
  expect(new PeerCertificates().of({ getPeerX509Certificate: () => undefined }, trust)).toBeUndefined();
});

test.each([
  ['the last CN', [{ CN: ['one'] }, { CN: ['two'] }], { name: 'two' }],
  [
    'every O, also of one RDN',
    [{ O: ['a + b'] }, { O: ['c', 'd, e'], CN: ['jane'] }],
    { groups: ['a + b', 'c', 'd, e'] },
  ],
  ['a value that looks like an attribute', [{ O: ['x\nCN=root'] }, { CN: ['jane'] }], { name: 'jane' }],
  ['the UID attribute of Kubernetes', [{ CN: ['jane'] }, { [uid]: ['u-1'] }], { uid: 'u-1' }],
])('x509User() takes %s', async (_, names, expected) => {
  expect(await userOf(names)).toMatchObject({ user: expected });
});

test.each([
  ['two UIDs', [{ CN: ['jane'] }, { [uid]: ['a'] }, { [uid]: ['b'] }], { error: expect.any(String) }],
  ['no CN', [{ O: ['dev'] }], undefined],
  ['no subject', [], undefined],
])('x509User() of a certificate with %s is nobody', async (_, names, verdict) => {
  expect(await userOf(names)).toEqual(verdict);
});

async function userOf(names: readonly Record<string, string[]>[]) {
  const { clusterCa } = await createPki();
  const { certificate } = await clusterCa.issueClient({ commonName: '', names });
  const trust = { frontProxy: undefined, clientCa: readBundle(clusterCa.certificate) };
  const connection = { getPeerX509Certificate: () => new X509Certificate(certificate) };
  return x509User(new PeerCertificates().of(connection, trust), trust, Date.now());
}

test('a certificate that comes with its intermediates is believed, also on a later connection of the same client', async () => {
  await using gate = await startGate();
  gate.publish();
  const middle = await gate.pki.clusterCa.issueAuthority('middle');
  const { certificate, key } = await middle.issueClient({ commonName: 'jane' });
  const chain = { certificate: certificate + middle.certificate, key };
  // A client that would resume its TLS session, in which the intermediates are not remembered.
  const agent = new Agent({ maxCachedSessions: 10 });
  for (let connection = 0; connection < 3; connection += 1) {
    expect((await gate.ask(list, { client: chain, agent })).status).toBe(200);
    expect(gate.reviewed()?.name).toBe('jane');
  }
  agent.destroy();
  expect((await gate.ask(list, { client: { certificate, key } })).status).toBe(401);
});

test('a certificate that ends while its connection is open is believed no longer', async () => {
  await using gate = await startGate();
  gate.publish();
  const notAfter = new Date(Date.now() + 3_600_000);
  const client = await gate.pki.clusterCa.issueClient({ commonName: 'jane' }, { notAfter });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await gate.ask(list, { client, agent })).status).toBe(200);
  gate.clock.wallMs += 3_601_000;
  expect((await gate.ask(list, { client, agent })).status).toBe(401);
  agent.destroy();
});

test.each([
  ['is for servers', { usages: ['1.3.6.1.5.5.7.3.1'] }],
  ['has ended', { notBefore: new Date(Date.now() - 9e6), notAfter: new Date(Date.now() - 5e6) }],
  ['is not valid yet', { notBefore: new Date(Date.now() + 5e6) }],
])('a front proxy’s certificate that %s is answered 401', async (_, unusual) => {
  await using gate = await startGate();
  gate.publish();
  const client = await gate.pki.frontProxyCa.issueClient({ commonName: 'front-proxy-client' }, unusual);
  const headers = { 'X-Remote-User': 'jane' };
  expect((await gate.ask(list, { client, headers })).status).toBe(401);
});

test('one CA for users and the front proxy: who may not speak for users is who the certificate says', async () => {
  await using gate = await startGate();
  gate.publish({ 'requestheader-client-ca-file': gate.pki.clusterCa.certificate });
  const headers = { 'X-Remote-User': 'root', 'X-Remote-Group': 'system:masters' };
  const jane = await gate.pki.clusterCa.issueClient({ commonName: 'jane' });
  await gate.ask(list, { client: jane, headers });
  expect(gate.reviewed()).toMatchObject({ name: 'jane', groups: ['system:authenticated'] });
});
