import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { readBundle } from '../identity/ca-bundle.ts';
import type { ServingPair } from '../serving/serving-pair.ts';

/** A CA that can sign. */
export interface Authority {
  /** What verifiers are given, PEM. */
  readonly bundle: string;
  /** The bundle's certificates: more than one while a CA that has been replaced is still trusted. */
  readonly certificates: readonly X509Certificate[];
  /** The certificate of the bundle whose key we have. */
  readonly signer: X509Certificate;
  readonly key: KeyObject;
}

/** A serving certificate that may be used. */
export interface Serving {
  readonly pair: ServingPair;
  /** Wall clock: from here on less than a third of its life is left. */
  readonly renewAtMs: number;
}

/** What of a Secret can be used, and why the rest cannot. An empty Secret has neither. */
export interface TlsSecretContent {
  readonly authority: Authority | undefined;
  /** The CA that will sign when all who verify know it. */
  readonly next: Authority | undefined;
  readonly serving: Serving | undefined;
  /** Each a sentence for the log; never quotes what the Secret holds. */
  readonly problems: readonly string[];
}

type Read<Value> = { readonly value: Value } | { readonly problem: string };

/** `data` of a Secret: base64 by key. */
export type SecretData = Readonly<Record<string, string>>;

/** A CA with less is of no use: what it signs ends with it, and would be due again as soon as it is made. */
const authorityRestMs = 24 * 3_600_000;

/**
 * Reads keys `ca.crt`, `ca.key`, `tls.crt` and `tls.key`, and while one CA follows another `next-ca.crt` and `next-ca.key`.
 * @param names DNS names that the serving certificate must carry
 */
export function readTlsSecret(data: SecretData, names: readonly string[], nowMs: number): TlsSecretContent {
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString('utf8');
  const holds = (...keys: readonly string[]) => keys.some((key) => text(key) !== '');
  const problems: string[] = [];
  let authority: Authority | undefined;
  let next: Authority | undefined;
  let serving: Serving | undefined;
  if (holds('ca.crt', 'ca.key')) {
    const read = readAuthority('ca', text, nowMs);
    if ('problem' in read) problems.push(read.problem);
    else authority = read.value;
  }
  if (holds('next-ca.crt', 'next-ca.key')) {
    const read = readAuthority('next-ca', text, nowMs);
    if ('problem' in read) problems.push(read.problem);
    else if (authority?.signer.fingerprint256 === read.value.signer.fingerprint256) {
      problems.push('next-ca.crt: expected another CA than that of ca.key');
    } else next = read.value;
  }
  if (authority !== undefined && holds('tls.crt', 'tls.key')) {
    const read = readServing(text('tls.crt'), text('tls.key'), authority, names, nowMs);
    if ('problem' in read) problems.push(read.problem);
    else serving = read.value;
  }
  return { authority, next, serving, problems };
}

/** What verifiers are to be given, PEM: the CAs of the Secret, and the next one, so that it may sign one day. */
export function publishedBundle({ bundle }: Authority, next: Authority | undefined): string {
  if (next === undefined) return bundle;
  return `${bundle}${bundle.endsWith('\n') ? '' : '\n'}${next.signer}`;
}

function readAuthority(of: 'ca' | 'next-ca', text: (key: string) => string, nowMs: number): Read<Authority> {
  const [bundle, keyText] = [text(`${of}.crt`), text(`${of}.key`)];
  const certificates = attempt(() => readBundle(bundle));
  if (certificates === undefined) return { problem: `${of}.crt: expected certificates in PEM` };
  const key = attempt(() => createPrivateKey(keyText));
  if (key === undefined) return { problem: `${of}.key: expected a private key in PEM` };
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    return { problem: `${of}.key: expected a key of ECDSA P-256` };
  }
  const signer = certificates.find((certificate) => certificate.ca && certificate.checkPrivateKey(key));
  if (signer === undefined)
    return { problem: `${of}.key: expected the key of a CA certificate in ${of}.crt` };
  if (nowMs < signer.validFromDate.getTime()) {
    return { problem: `${of}.crt: the CA is not valid before ${signer.validFromDate.toISOString()}` };
  }
  if (nowMs > signer.validToDate.getTime() - authorityRestMs) {
    return { problem: `${of}.crt: the CA ends at ${signer.validToDate.toISOString()}` };
  }
  return { value: { bundle, certificates, signer, key } };
}

function readServing(
  certText: string,
  keyText: string,
  { signer }: Authority,
  names: readonly string[],
  nowMs: number,
): Read<Serving> {
  const certificate = attempt(() => new X509Certificate(certText));
  if (certificate === undefined) return { problem: 'tls.crt: expected a certificate in PEM' };
  const key = attempt(() => createPrivateKey(keyText));
  if (key === undefined) return { problem: 'tls.key: expected a private key in PEM' };
  if (!certificate.checkPrivateKey(key)) return { problem: 'tls.key: expected the key of tls.crt' };
  if (!certificate.checkIssued(signer) || !certificate.verify(signer.publicKey)) {
    return { problem: 'tls.crt: expected a certificate that the CA with ca.key has signed' };
  }
  const missing = names.filter((name) => certificate.checkHost(name, { subject: 'never' }) === undefined);
  if (missing.length > 0) return { problem: `tls.crt: expected the names ${missing.join(', ')} too` };
  const [fromMs, toMs] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  // Agents and kube-apiserver refuse it until then: whoever wrote it has a clock that is ahead.
  if (nowMs < fromMs) {
    return { problem: `tls.crt: it is not valid before ${certificate.validFromDate.toISOString()}` };
  }
  if (nowMs > toMs) return { problem: `tls.crt: it ended at ${certificate.validToDate.toISOString()}` };
  const pair = { cert: Buffer.from(certText), key: Buffer.from(keyText) };
  if (attempt(() => createSecureContext(pair)) === undefined) {
    return { problem: 'tls.crt: expected only certificates in PEM' };
  }
  return { value: { pair, renewAtMs: toMs - (toMs - fromMs) / 3 } };
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    // What the library says may quote the text.
    return undefined;
  }
}
