// @peculiar/x509 resolves its algorithms through a container that needs this polyfill to be loaded before it.
import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Authority } from './tls-secret.ts';

/** A certificate and its private key (PKCS #8), both PEM. */
export interface CertificateAndKey {
  readonly certificate: string;
  readonly key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const serverAuth = '1.3.6.1.5.5.7.3.1';
const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;
const authorityLifeMs = 10 * yearMs;
const servingLifeMs = yearMs;

/** A new CA: signed by itself, ECDSA P-256, ten years. @param nowMs wall clock */
export async function createAuthority(nowMs: number): Promise<CertificateAndKey> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    // A verifier with two CAs of one name in its bundle might try the wrong one only.
    name: [{ CN: [`tacho-aggregator-ca@${Math.floor(nowMs / 1000)}`] }],
    keys,
    signingAlgorithm: algorithm,
    ...validity(nowMs, nowMs + authorityLifeMs),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: pkcs8(keys.privateKey) };
}

/**
 * A serving certificate: ECDSA P-256, a year, or less where its CA ends before.
 * @param names DNS names
 * @param nowMs wall clock
 */
export async function issueServing(
  authority: Authority,
  names: readonly string[],
  nowMs: number,
): Promise<CertificateAndKey> {
  const signer = new X509Certificate(authority.signer.raw);
  const keyId = signer.getExtension(SubjectKeyIdentifierExtension)?.keyId;
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: ['tacho-aggregator'] }],
    issuer: signer.subjectName,
    publicKey: keys.publicKey,
    signingKey: authority.key.toCryptoKey(algorithm, false, ['sign']),
    signingAlgorithm: algorithm,
    ...validity(nowMs, Math.min(nowMs + servingLifeMs, signer.notAfter.getTime())),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([serverAuth]),
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value }))),
      ...(keyId === undefined ? [] : [new AuthorityKeyIdentifierExtension(keyId)]),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: pkcs8(keys.privateKey) };
}

/**
 * A serving certificate that no CA has signed, as apiserver makes it where it is given none: for localhost, a year.
 * @param names further DNS names
 * @param nowMs wall clock
 */
export async function issueSelfSigned(names: readonly string[], nowMs: number): Promise<CertificateAndKey> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`localhost@${Math.floor(nowMs / 1000)}`] }],
    keys,
    signingAlgorithm: algorithm,
    ...validity(nowMs, nowMs + servingLifeMs),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([serverAuth]),
      new SubjectAlternativeNameExtension([
        ...['localhost', ...names].map((value) => ({ type: 'dns' as const, value })),
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: pkcs8(keys.privateKey) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function pkcs8(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Backdated as issuers do: a peer's clock may be slightly behind. */
function validity(nowMs: number, endMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - hourMs), notAfter: new Date(endMs) };
}
