import type { X509Certificate } from 'node:crypto';
import { type CertificateExtensions, certificateExtensions } from './certificate-extensions.ts';

/** When a chain of certificates holds, wall clock in milliseconds, both ends included. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Extended key usages, RFC 5280 section 4.2.1.12. */
const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';
/** A critical extension that nobody here knows forbids the certificate: RFC 5280 section 4.2. */
const known: readonly (number | string)[] = [14, 15, 17, 19, 30, 31, 32, 33, 35, 36, 37, 54];
/** A peer chooses what it presents, and each check costs a signature. */
const mostSignatures = 100;
const mostPresented = 10;
/** As Go: a check with a larger key takes so long that a stranger could hold up everybody with a hundred of them. */
const longestModulusBits = 8_192;
const largestExponent = 2n ** 31n - 1n;

/**
 * Every chain from a client's certificate through those that it presented to one of the roots, as Go's x509.Verify
 * builds them for key usage "client": each certificate may be used for it (or says nothing of its use), each issuer is
 * a CA that may stand so far from the leaf. A leaf that is itself among the roots is a chain.
 * @returns when each chain holds; empty when there is none. Time is left to the caller: a chain outlives many requests.
 */
export function clientChains(
  leaf: X509Certificate,
  presented: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): readonly Validity[] {
  const found: Validity[] = [];
  const isRoot = ({ raw }: X509Certificate) => roots.some((root) => root.raw.equals(raw));
  const intermediates = presented.slice(0, mostPresented).filter((each) => !isRoot(each));
  let signatures = 0;
  const isSignedBy = (certificate: X509Certificate, issuer: X509Certificate) => {
    if (signatures >= mostSignatures || !certificate.checkIssued(issuer)) return false;
    if (!isQuickKey(issuer)) return false;
    signatures += 1;
    return certificate.verify(issuer.publicKey);
  };
  const extend = (chain: readonly X509Certificate[], validity: Validity) => {
    const last = chain.at(-1) ?? leaf;
    if (isWeaklySigned(last)) return;
    for (const root of roots) {
      if (mayIssue(root, chain) && isSignedBy(last, root)) found.push(narrowed(validity, root));
    }
    for (const next of intermediates) {
      if (chain.some((each) => each.raw.equals(next.raw))) continue;
      if (mayIssue(next, chain) && isSignedBy(last, next)) extend([...chain, next], narrowed(validity, next));
    }
  };

  const ofLeaf = narrowed({ fromMs: -Infinity, untilMs: Infinity }, leaf);
  if (!isFit(leaf, extensionsOf(leaf), false)) return [];
  if (isRoot(leaf)) return [ofLeaf];
  extend([leaf], ofLeaf);
  return found;
}

/** Does one of the chains hold now? */
export function isValidNow(chains: readonly Validity[], nowMs: number): boolean {
  return chains.some(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs <= untilMs);
}

function mayIssue(certificate: X509Certificate, chain: readonly X509Certificate[]): boolean {
  if (!certificate.ca) return false;
  const extensions = extensionsOf(certificate);
  const leafHasNames = chain[0]?.subjectAltName !== undefined;
  if (!isFit(certificate, extensions, leafHasNames)) return false;
  return extensions?.pathLength === undefined || chain.length - 1 <= extensions.pathLength;
}

/** @param leafHasNames then constraints on names would have to be understood, which they are not */
function isFit(
  { keyUsage }: X509Certificate,
  extensions: CertificateExtensions | undefined,
  leafHasNames: boolean,
): boolean {
  if (extensions === undefined || !extensions.critical.every((id) => known.includes(id))) return false;
  if (leafHasNames && extensions.hasNameConstraints) return false;
  return keyUsage === undefined || keyUsage.includes(clientAuth) || keyUsage.includes(anyUsage);
}

function extensionsOf(certificate: X509Certificate): CertificateExtensions | undefined {
  try {
    return certificateExtensions(certificate.raw);
  } catch {
    return undefined;
  }
}

function isQuickKey({ publicKey }: X509Certificate): boolean {
  const { modulusLength = 0, publicExponent = 0n } = publicKey.asymmetricKeyDetails ?? {};
  return modulusLength <= longestModulusBits && publicExponent <= largestExponent;
}

/** MD5 and SHA-1 can be forged. */
function isWeaklySigned({ signatureAlgorithm }: X509Certificate): boolean {
  return signatureAlgorithm === undefined || /md[245]|sha-?1(?!\d)/i.test(signatureAlgorithm);
}

function narrowed({ fromMs, untilMs }: Validity, certificate: X509Certificate): Validity {
  return {
    fromMs: Math.max(fromMs, certificate.validFromDate.getTime()),
    untilMs: Math.min(untilMs, certificate.validToDate.getTime()),
  };
}
