// @peculiar/x509 resolves its algorithms through a container that needs this polyfill to be loaded before it.
import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';
const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

/** A certificate and its private key (PKCS #8), both PEM. */
export interface CertificateAndKey {
  certificate: string;
  key: string;
}

/** How a client certificate names its user to Kubernetes: CN is the user, every O is a group. */
export interface CertificateSubject {
  commonName: string;
  organizations?: readonly string[];
  /** Takes the place of both: relative distinguished names, each with the values of its attributes. */
  names?: readonly { [attribute: string]: string[] }[];
}

/** What is unusual about a certificate. */
export interface Unusual {
  /** OIDs of the extended key usage; none leaves the extension out. */
  usages?: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
  extensions?: readonly Extension[];
}

export interface CertificateAuthority {
  /** The CA's own certificate, PEM: what a verifier is given as its bundle. */
  certificate: string;
  /** A serving certificate for these DNS names and IP addresses. */
  issueServing(names: readonly string[], unusual?: Unusual): Promise<CertificateAndKey>;
  issueClient(subject: CertificateSubject, unusual?: Unusual): Promise<CertificateAndKey>;
  /** A CA below this one. @param pathLength how many CAs may stand below it */
  issueAuthority(
    commonName: string,
    pathLength?: number,
    extensions?: readonly Extension[],
  ): Promise<CertificateAuthority>;
}

/** The authorities of one cluster; each is separate so that a test can tell which one a verifier trusted. */
export interface Pki {
  /** Signs kube-apiserver's serving certificate and users' client certificates. */
  clusterCa: CertificateAuthority;
  /** Signs only the certificate with which kube-apiserver's aggregation layer names itself. */
  frontProxyCa: CertificateAuthority;
  /** Signs the serving certificates of extension API servers; its bundle goes into an APIService's caBundle. */
  servingCa: CertificateAuthority;
}

export async function createPki(): Promise<Pki> {
  const [clusterCa, frontProxyCa, servingCa] = await Promise.all([
    createCertificateAuthority('kubernetes'),
    createCertificateAuthority('front-proxy-ca'),
    createCertificateAuthority('extension-serving-ca'),
  ]);
  return { clusterCa, frontProxyCa, servingCa };
}

/** A fresh self-signed CA, ECDSA P-256, valid for a year, whose key never leaves memory. */
export async function createCertificateAuthority(
  commonName: string,
  pathLength?: number,
): Promise<CertificateAuthority> {
  const keys = await generateKeys();
  const self = { commonName, keys };
  return createAuthority(self, self, pathLength, []);
}

/** A name and its key pair. */
interface Signer {
  commonName: string;
  keys: webcrypto.CryptoKeyPair;
}

async function createAuthority(
  self: Signer,
  signer: Signer,
  pathLength: number | undefined,
  extensions: readonly Extension[],
): Promise<CertificateAuthority> {
  const ca = await X509CertificateGenerator.create({
    subject: [{ CN: [self.commonName] }],
    issuer: [{ CN: [signer.commonName] }],
    publicKey: self.keys.publicKey,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: algorithm,
    ...validity(),
    extensions: [
      new BasicConstraintsExtension(true, pathLength, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(self.keys.publicKey),
      ...extensions,
    ],
  });

  async function issue(
    subject: { [attribute: string]: string[] }[],
    usages: readonly string[],
    { notBefore, notAfter, extensions: others = [] }: Unusual,
  ): Promise<CertificateAndKey> {
    const keys = await generateKeys();
    const usual = validity();
    const leaf = await X509CertificateGenerator.create({
      subject,
      issuer: [{ CN: [self.commonName] }],
      publicKey: keys.publicKey,
      signingKey: self.keys.privateKey,
      signingAlgorithm: algorithm,
      notBefore: notBefore ?? usual.notBefore,
      notAfter: notAfter ?? usual.notAfter,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        await AuthorityKeyIdentifierExtension.create(self.keys.publicKey),
        ...(usages.length === 0 ? [] : [new ExtendedKeyUsageExtension([...usages])]),
        ...others,
      ],
    });
    const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
    return { certificate: `${leaf.toString('pem')}\n`, key: key.toString() };
  }

  return {
    certificate: `${ca.toString('pem')}\n`,
    issueServing: (names, unusual = {}) => {
      const alternatives = names.map((name) => ({
        type: isIP(name) ? ('ip' as const) : ('dns' as const),
        value: name,
      }));
      const extensions = [new SubjectAlternativeNameExtension(alternatives)];
      return issue([{ CN: [names[0] ?? 'localhost'] }], [serverAuth], { ...unusual, extensions });
    },
    issueClient: ({ commonName, organizations = [], names }, unusual = {}) => {
      const usual = [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }];
      return issue([...(names ?? usual)], unusual.usages ?? [clientAuth], unusual);
    },
    issueAuthority: async (commonName, below, others = []) =>
      createAuthority({ commonName, keys: await generateKeys() }, self, below, others),
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** Backdated as issuers do, so that a peer whose clock is slightly behind accepts it. */
function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - hourMs), notAfter: new Date(now + yearMs) };
}
