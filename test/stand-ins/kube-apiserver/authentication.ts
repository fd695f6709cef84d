import type { IncomingMessage } from 'node:http';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import type { KubeObject } from './object-store.ts';
import type { Pki } from './pki.ts';
import { authenticated, type TokenIssuer, type User } from './tokens.ts';

const anonymous: User = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/**
 * Names the caller: client certificate of the cluster CA, else bearer token, else anonymous; undefined when a credential
 * was shown and none held, which is answered with 401. X-Remote-* headers name nobody here.
 */
export function authenticate(request: IncomingMessage, tokens: TokenIssuer): User | undefined {
  const socket = request.socket instanceof TLSSocket ? request.socket : undefined;
  const certificate = socket?.getPeerCertificate();
  // Without a client certificate the object is there but empty.
  const presented = certificate?.subject !== undefined;
  if (certificate && presented && socket?.authorized) return authenticated(userOfCertificate(certificate));

  const token = bearerToken(request.headers.authorization);
  if (token !== undefined) {
    const review = tokens.review(token);
    if ('user' in review) return review.user;
  }
  return presented || token !== undefined ? undefined : anonymous;
}

function userOfCertificate({ subject, fingerprint256 }: PeerCertificate): User {
  const fingerprint = fingerprint256.replaceAll(':', '').toLowerCase();
  return {
    username: [subject.CN].flat()[0] ?? '',
    groups: [subject.O ?? []].flat(),
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  };
}

/** The token of `Authorization: Bearer <token>`; undefined for another scheme or an empty token. */
function bearerToken(authorization = ''): string | undefined {
  const [scheme, token] = authorization.trim().split(' ');
  return scheme?.toLowerCase() === 'bearer' && token ? token : undefined;
}

/** The ConfigMap from which an extension API server learns whom to trust, as kube-apiserver publishes it. */
export function extensionAuthenticationConfigMap({ clusterCa, frontProxyCa }: Pki): KubeObject {
  return {
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: {
      'client-ca-file': clusterCa.certificate,
      'requestheader-client-ca-file': frontProxyCa.certificate,
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-username-headers': '["X-Remote-User"]',
      'requestheader-uid-headers': '["X-Remote-Uid"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    },
  };
}
