// @peculiar/x509 needs this polyfill to be loaded before it.
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import {
  BasicConstraintsExtension,
  Extension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { beforeAll, expect, test } from 'vitest';
import {
  type CertificateAuthority,
  createCertificateAuthority,
} from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { clientChains, isValidNow } from './certificate-chain.ts';
import { certificateExtensions } from './certificate-extensions.ts';

let root: CertificateAuthority;
let middle: CertificateAuthority;
let low: CertificateAuthority;
beforeAll(async () => {
  root = await createCertificateAuthority('root');
  middle = await root.issueAuthority('middle');
  low = await middle.issueAuthority('low');
});

const parse = ({ certificate }: { certificate: string }) => new X509Certificate(certificate);
const clientOf = async (ca: CertificateAuthority, unusual = {}) =>
  parse(await ca.issueClient({ commonName: 'jane' }, unusual));
const hourMs = 3_600_000;

test('clientChains() goes from the root’s own client to the root', async () => {
  const notAfter = new Date(Math.floor(Date.now() / 1_000) * 1_000 + hourMs);
  const leaf = await clientOf(root, { notAfter });
  const [chain, ...others] = clientChains(leaf, [], [parse(root)]);
  expect([chain?.untilMs, others]).toEqual([notAfter.getTime(), []]);
  expect(
    [-2 * hourMs, 0, 2 * hourMs].map((offMs) => isValidNow([chain ?? never], Date.now() + offMs)),
  ).toEqual([...[false, true, false]]);
});
const never = { fromMs: Infinity, untilMs: -Infinity };

test('clientChains() goes through intermediates in any order, and only through those that were presented', async () => {
  const leaf = await clientOf(low);
  expect(clientChains(leaf, [parse(middle), parse(low)], [parse(root)])).toHaveLength(1);
  expect(clientChains(leaf, [parse(low), parse(root), parse(middle)], [parse(root)])).toHaveLength(1);
  expect(clientChains(leaf, [parse(low)], [parse(root)])).toEqual([]);
  expect(clientChains(leaf, [], [parse(root)])).toEqual([]);
  expect(clientChains(leaf, [], [parse(low)])).toHaveLength(1);
});

test('clientChains() of a chain ends when the first of its certificates does', async () => {
  const leaf = await clientOf(low);
  const [chain] = clientChains(leaf, [parse(low), parse(middle)], [parse(root)]);
  const ends = [leaf, parse(low), parse(middle), parse(root)].map((each) => each.validToDate.getTime());
  expect(chain?.untilMs).toBe(Math.min(...ends));
});

test('clientChains() takes a leaf that is itself among the roots', async () => {
  const leaf = await clientOf(root);
  expect(clientChains(leaf, [], [leaf])).toHaveLength(1);
  expect(clientChains(leaf, [], [await clientOf(root)])).toEqual([]);
});

test('clientChains() believes no CA that merely has the same name', async () => {
  const leaf = await clientOf(await createCertificateAuthority('root'));
  expect(clientChains(leaf, [], [parse(root)])).toEqual([]);
});

test('clientChains() believes no leaf that signs another leaf', async () => {
  const issued = await createCertificateAuthority('self');
  const forged = await clientOf(issued);
  // The "CA" here is only a client of the root: its certificate is no CA's.
  const client = parse(await root.issueClient({ commonName: 'self' }));
  expect(clientChains(forged, [client], [parse(root)])).toEqual([]);
});

test.each<[string, readonly string[], boolean]>([
  ['for TLS clients', ['1.3.6.1.5.5.7.3.2'], true],
  ['for clients and servers', ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'], true],
  ['for anything', ['2.5.29.37.0'], true],
  ['that does not say for what', [], true],
  ['for servers', ['1.3.6.1.5.5.7.3.1'], false],
  ['for signing code', ['1.3.6.1.5.5.7.3.3'], false],
])('clientChains() of a certificate %s', async (_, usages, isBelieved) => {
  const leaf = await clientOf(root, { usages });
  expect(clientChains(leaf, [], [parse(root)])).toHaveLength(isBelieved ? 1 : 0);
});

test('clientChains() keeps to how many CAs may stand below one', async () => {
  const strict = await createCertificateAuthority('strict', 0);
  expect(clientChains(await clientOf(strict), [], [parse(strict)])).toHaveLength(1);
  const below = await strict.issueAuthority('below');
  expect(clientChains(await clientOf(below), [parse(below)], [parse(strict)])).toEqual([]);
  const one = await createCertificateAuthority('one', 1);
  const first = await one.issueAuthority('first', 0);
  const second = await first.issueAuthority('second');
  expect(clientChains(await clientOf(first), [parse(first)], [parse(one)])).toHaveLength(1);
  expect(clientChains(await clientOf(second), [parse(second), parse(first)], [parse(one)])).toEqual([]);
});

const unknown = (critical: boolean) => new Extension('1.2.3.4', critical, new Uint8Array([5, 0]));

test('clientChains() believes no certificate with a critical extension that nobody knows', async () => {
  expect(clientChains(await clientOf(root, { extensions: [unknown(true)] }), [], [parse(root)])).toEqual([]);
  expect(
    clientChains(await clientOf(root, { extensions: [unknown(false)] }), [], [parse(root)]),
  ).toHaveLength(1);
  const odd = await root.issueAuthority('odd', undefined, [unknown(true)]);
  expect(clientChains(await clientOf(odd), [parse(odd)], [parse(root)])).toEqual([]);
});

test('clientChains() believes no names below a CA that constrains names', async () => {
  const constrained = await root.issueAuthority('constrained', undefined, [
    new Extension('2.5.29.30', true, new Uint8Array([0x30, 0])),
  ]);
  const names = new SubjectAlternativeNameExtension([{ type: 'dns', value: 'a.example' }]);
  const nameless = await clientOf(constrained);
  const withNames = await clientOf(constrained, { extensions: [names] });
  expect(clientChains(nameless, [parse(constrained)], [parse(root)])).toHaveLength(1);
  expect(clientChains(withNames, [parse(constrained)], [parse(root)])).toEqual([]);
});

test('clientChains() gives up on a peer that presents very many issuers', async () => {
  const many = await Promise.all(Array.from({ length: 12 }, () => root.issueAuthority('root')));
  const leaf = await clientOf(root);
  expect(clientChains(leaf, many.map(parse), [])).toEqual([]);
});

test.each([
  [[0x01, 0x00, 0x01], 1],
  // 2³² − 5: a prime, as the one before.
  [[0xff, 0xff, 0xff, 0xfb], 0],
])(
  'clientChains() checks no signature by an RSA key that takes long: exponent %j',
  async (exponent, chains) => {
    const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2_048 };
    const publicExponent = Uint8Array.from(exponent);
    const keys = await crypto.subtle.generateKey({ ...rsa, publicExponent }, false, ['sign', 'verify']);
    const generated = await X509CertificateGenerator.createSelfSigned({
      ...{ name: 'CN=rsa', keys, signingAlgorithm: rsa },
      extensions: [new BasicConstraintsExtension(true)],
    });
    const ca = new X509Certificate(Buffer.from(generated.rawData));
    const leaf = await X509CertificateGenerator.create({
      ...{ subject: 'CN=jane', issuer: 'CN=rsa', signingAlgorithm: rsa },
      ...{ publicKey: keys.publicKey, signingKey: keys.privateKey },
    });
    expect(clientChains(new X509Certificate(Buffer.from(leaf.rawData)), [], [ca])).toHaveLength(chains);
  },
);

test('certificateExtensions() reads what a certificate says of itself', async () => {
  const pathLengths = [undefined, 0, 1, 127, 128, 300];
  for (const pathLength of pathLengths) {
    const ca = await root.issueAuthority('ca', pathLength, [unknown(true)]);
    expect(certificateExtensions(parse(ca).raw)).toMatchObject({
      ...{ pathLength, hasNameConstraints: false },
      critical: [19, 15, '2a0304'],
    });
  }
});

test('certificateExtensions() throws for what is no certificate, wherever it is cut off', async () => {
  const { raw } = parse(root);
  for (let length = 0; length < raw.length; length += 1) {
    expect(() => certificateExtensions(raw.subarray(0, length))).toThrow(/Cannot read a certificate/);
  }
});

test('certificateExtensions() of a certificate with one byte changed reads it or says that it is none', async () => {
  const { raw } = parse(await root.issueAuthority('ca', 3));
  for (let at = 0; at < raw.length; at += 1) {
    for (const byte of [0x00, 0x02, 0x30, 0x7f, 0x80, 0x84, 0xff]) {
      const changed = Buffer.from(raw);
      changed[at] = byte;
      try {
        certificateExtensions(changed);
      } catch (error) {
        expect(String(error)).toMatch(/Cannot read a certificate/);
      }
    }
  }
});
