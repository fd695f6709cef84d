import { X509Certificate } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { createCertificateAuthority } from '../../test/stand-ins/kube-apiserver/pki.ts';
import { FixtureReplica, FixtureStream } from './fixture-replica.ts';
import { TrustedCas } from './trusted-cas.ts';

const folder = mkdtempSync(join(tmpdir(), 'tacho-trusted-'));
afterAll(() => rmSync(folder, { recursive: true }));
const pems: string[] = [];
beforeAll(async () => {
  for (const name of ['a', 'b']) pems.push((await createCertificateAuthority(name)).certificate);
});
const pem = (index: number) => pems[index] ?? '';
const sha256 = (index: number) =>
  new X509Certificate(pem(index)).fingerprint256.replaceAll(':', '').toLowerCase();

/** A file with this text, looked at again after a second of a clock of its own. */
function trusted(name: string, text: string | undefined) {
  const file = join(folder, name);
  if (text !== undefined) writeFileSync(file, text);
  let nowUsec = 0;
  const cas = new TrustedCas(file, () => nowUsec);
  return {
    file,
    hex: () => cas.sha256.map((each) => each.toString('hex')),
    cas,
    pass: (usec: number) => {
      nowUsec += usec;
    },
  };
}

test('TrustedCas says the SHA-256 of each certificate, and the same array while the file is the same', () => {
  const { hex, cas, pass } = trusted('bundle', `# two\n${pem(0)}${pem(1)}`);
  expect(hex()).toEqual([sha256(0), sha256(1)]);
  const before = cas.sha256;
  pass(5_000_000);
  expect(cas.sha256).toBe(before);
});

test('TrustedCas looks at a file that a kubelet exchanges once a second, not before', () => {
  const links = ['..data', 'ca.crt'].map((name) => join(folder, name));
  const [data = '', link = ''] = links;
  for (const index of [0, 1]) writeFileSync(join(folder, `version-${index}`), pem(index));
  symlinkSync('version-0', data);
  symlinkSync('..data', link);
  let nowUsec = 0;
  const cas = new TrustedCas(link, () => nowUsec);
  const hex = () => cas.sha256.map((each) => each.toString('hex'));
  expect(hex()).toEqual([sha256(0)]);
  symlinkSync('version-1', `${data}_tmp`);
  renameSync(`${data}_tmp`, data);
  nowUsec = 999_999;
  expect(hex()).toEqual([sha256(0)]);
  nowUsec = 1_000_000;
  expect(hex()).toEqual([sha256(1)]);
});

test('TrustedCas without a file trusts nobody, and takes the file when it is there', () => {
  const { file, hex, pass } = trusted('late', undefined);
  expect(hex()).toEqual([]);
  writeFileSync(file, pem(0));
  pass(1_000_000);
  expect(hex()).toEqual([sha256(0)]);
  rmSync(file);
  pass(1_000_000);
  expect(hex()).toEqual([]);
});

test('TrustedCas says eight at most, and none after one that cannot be read', () => {
  expect(trusted('many', pem(0).repeat(9)).hex()).toHaveLength(8);
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  expect(trusted('broken', pem(0) + broken + pem(1)).hex()).toEqual([sha256(0)]);
  expect(trusted('rubbish', 'x').hex()).toEqual([]);
});

test('ReplicaStream says its CAs in its hello, and again with the next report when the file has changed', async () => {
  const ca = await createCertificateAuthority('serving-ca');
  const serverName = 'tacho-aggregator.tacho.svc';
  await using replica = await FixtureReplica.listen(await ca.issueServing([serverName]));
  const target = `127.0.0.1:${replica.port}`;
  await using agent = new FixtureStream(target, ca.certificate, { serverName }).run();
  const said = () =>
    replica.calls.flatMap(({ messages }) =>
      messages.flatMap(({ hello, trustedCas }) => hello?.trustedCaSha256 ?? trustedCas?.sha256 ?? []),
    );
  const own = Buffer.from(new X509Certificate(ca.certificate).fingerprint256.replaceAll(':', ''), 'hex');
  await eventually(() => expect(said()).toEqual([own]));
  writeFileSync(agent.caFile, ca.certificate + pem(0));
  await eventually(() => {
    agent.push({ sampleMonotonicUsec: 1, pods: [] });
    expect(said()).toEqual([own, own, Buffer.from(sha256(0), 'hex')]);
  });
  expect(replica.calls).toHaveLength(1);
});
