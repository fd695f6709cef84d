import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import {
  type CertificateAndKey,
  type CertificateAuthority,
  createCertificateAuthority,
} from '../../test/stand-ins/kube-apiserver/pki.ts';
import { FixtureReplica } from './fixture-replica.ts';
import { FixtureReplicas } from './fixture-replicas.ts';

const host = 'tacho-ingest.tacho.svc';
const dayMs = 86_400_000;
let ca: CertificateAuthority;
let sound: CertificateAndKey;
beforeAll(async () => {
  ca = await createCertificateAuthority('serving-ca');
  sound = await ca.issueServing([host]);
});

let cleanUp = new AsyncDisposableStack();
afterEach(async () => {
  await cleanUp.disposeAsync();
  cleanUp = new AsyncDisposableStack();
});

test.each([
  {
    what: 'another CA has signed',
    // By the same name, which alone proves nothing.
    issue: async () => (await createCertificateAuthority('serving-ca')).issueServing([host]),
    reason: /unable to verify|self.signed|signature/,
  },
  {
    what: 'has ended',
    issue: () => ca.issueServing([host], { notAfter: new Date(Date.now() - dayMs) }),
    reason: /expired/,
  },
  {
    what: 'is not valid yet',
    issue: () => ca.issueServing([host], { notBefore: new Date(Date.now() + dayMs) }),
    reason: /not yet valid/,
  },
  {
    what: 'is of another name',
    issue: () => ca.issueServing(['other.tacho.svc']),
    reason: /altnames/,
  },
])('Replicas shows its token to no peer whose certificate $what; the others notice nothing', async (peer) => {
  const serving = await peer.issue();
  const replica = cleanUp.use(await FixtureReplica.listen(sound));
  const impostor = cleanUp.use(
    await FixtureReplica.listen(serving, { host: '127.0.0.2', port: replica.port }),
  );
  const addresses = ['127.0.0.1', '127.0.0.2'];
  const agent = cleanUp
    .use(new FixtureReplicas([`${host}:${replica.port}`], ca.certificate, { addresses }))
    .run();
  await eventually(() => expect(agent.replicas.ended).toBeGreaterThanOrEqual(3));
  agent.push({ sampleMonotonicUsec: 1, pods: [] });
  await eventually(() => expect(replica.samples()).toEqual([1]));
  expect(impostor.calls).toEqual([]);
  expect(agent.connected()).toEqual([replica.address]);
  const state = agent.replicas.state().find(({ address }) => address === impostor.address);
  expect(state?.lastError).toMatch(peer.reason);
  expect(JSON.stringify(agent.log)).not.toContain('token-1');
});

test('Replicas sends nothing of a report and no token to a peer that speaks no TLS', async () => {
  /** What each connection has brought. */
  const heard: string[] = [];
  const plain = createServer((socket) => {
    const index = heard.push('') - 1;
    socket.setEncoding('latin1').on('error', () => undefined);
    socket.on('data', (text: string) => {
      heard[index] += text;
    });
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
  }).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const { port } = plain.address() as { port: number };
  const agent = cleanUp.use(
    new FixtureReplicas([`${host}:${port}`], ca.certificate, { addresses: ['127.0.0.1'] }),
  );
  cleanUp.defer(() => void plain.close());
  agent.run().push({ sampleMonotonicUsec: 1, pods: [] });
  await eventually(() => expect(agent.replicas.ended).toBeGreaterThanOrEqual(2));
  expect(heard.length).toBeGreaterThan(0);
  for (const text of heard) {
    // A handshake record of TLS (RFC 8446 section 5.1), or nothing yet.
    expect(['', '\x16']).toContain(text.slice(0, 1));
    expect(text).not.toContain('token-1');
  }
});
