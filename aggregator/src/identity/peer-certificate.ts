import type { X509Certificate } from 'node:crypto';
import { clientChains, type Validity } from './certificate-chain.ts';
import type { Trust } from './trust.ts';

/** A TLS connection, as far as its peer's certificate goes; the issuers hang on the certificate as they were presented. */
export interface PeerConnection {
  getPeerX509Certificate(): X509Certificate | undefined;
}

/** What a client's certificate says, and what it is worth under a trust. */
export interface PeerCertificate {
  /** The last CN of the subject, as Go takes it; '' when there is none. */
  readonly commonName: string;
  /** Every O of the subject, in order, also those of multi-valued RDNs. */
  readonly organizations: readonly string[];
  /** Values of the attribute in which Kubernetes looks for a user's UID, 1.3.6.1.4.1.57683.2. */
  readonly uids: readonly string[];
  /** SHA-256 of the DER in lower-case hexadecimal. */
  readonly sha256: string;
  /** Chains to the front proxy's CA and to that of users; empty: it is none of theirs. */
  readonly frontProxyChains: readonly Validity[];
  readonly clientChains: readonly Validity[];
}

const uidAttribute = '1.3.6.1.4.1.57683.2';
const mostIssuers = 10;

/** Judges the certificate of each connection once, and again when the trust changes: signatures are too dear for each request. */
export class PeerCertificates {
  readonly #judged = new WeakMap<
    PeerConnection,
    { readonly trust: Trust; readonly peer: PeerCertificate | undefined }
  >();

  /** @returns undefined when the peer has shown no certificate */
  of(connection: PeerConnection, trust: Trust): PeerCertificate | undefined {
    const known = this.#judged.get(connection);
    if (known?.trust === trust) return known.peer;
    const certificate = connection.getPeerX509Certificate();
    const peer = certificate === undefined ? undefined : judge(certificate, trust);
    this.#judged.set(connection, { trust, peer });
    return peer;
  }
}

function judge(certificate: X509Certificate, { frontProxy, clientCa }: Trust): PeerCertificate {
  const presented: X509Certificate[] = [];
  let issuer = certificate.issuerCertificate;
  while (issuer !== undefined && presented.length < mostIssuers) {
    presented.push(issuer);
    issuer = issuer.issuerCertificate;
  }
  // Its subject is made of values; X509Certificate's own is text in which a value may look like an attribute.
  const subject = certificate.toLegacyObject().subject as unknown as
    | Readonly<Record<string, string | string[] | undefined>>
    | undefined;
  const values = (attribute: string) => [subject?.[attribute] ?? []].flat();
  return {
    commonName: values('CN').at(-1) ?? '',
    organizations: values('O'),
    uids: values(uidAttribute),
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    frontProxyChains: frontProxy === undefined ? [] : clientChains(certificate, presented, frontProxy.ca),
    clientChains: clientCa === undefined ? [] : clientChains(certificate, presented, clientCa),
  };
}
