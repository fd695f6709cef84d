import { isValidNow } from './certificate-chain.ts';
import type { PeerCertificate } from './peer-certificate.ts';
import type { Trust } from './trust.ts';
import type { Verdict } from './user.ts';

/** The user of a certificate of the cluster's own CA: CN is the name, every O is a group. */
export function x509User(peer: PeerCertificate | undefined, trust: Trust, nowMs: number): Verdict {
  if (peer === undefined || trust.clientCa === undefined) return undefined;
  if (!isValidNow(peer.clientChains, nowMs)) {
    return { error: `client certificate X509SHA256=${peer.sha256} is not valid now for any CA of users` };
  }
  const { commonName, organizations, uids, sha256 } = peer;
  if (commonName === '') return undefined;
  const [uid = ''] = uids;
  if (uids.length > 1 || (uids.length === 1 && uid === '')) {
    return {
      error: `client certificate X509SHA256=${sha256} names ${uids.length} UIDs, expected one that is not empty`,
    };
  }
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${sha256}`] };
  return { user: { name: commonName, uid, groups: organizations, extra } };
}
