import { randomBytes } from 'node:crypto';

/** Who a request comes from. */
export interface User {
  username: string;
  uid?: string;
  groups: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

export interface TokenClaims extends User {
  /** Whom the token is meant for; without any, kube-apiserver itself. */
  audiences?: readonly string[];
  /** Without it the token never ends. */
  expiresAt?: Date;
}

/** What a token carries that is bound to a pod, from Kubernetes 1.30 on with its node (KEP-4193). */
export function boundTo(pod: string, podUid: string, node: string): NonNullable<User['extra']> {
  return {
    'authentication.kubernetes.io/pod-name': [pod],
    'authentication.kubernetes.io/pod-uid': [podUid],
    'authentication.kubernetes.io/node-name': [node],
  };
}

export type TokenReviewResult = { user: User; audiences: readonly string[] } | { error: string };

export interface TokenIssuer {
  /** A bearer token; what it stands for is known only here. One that ends is a JWT which says when, as service accounts' are. */
  issue(claims: TokenClaims): string;
  /** As the deletion of the pod does to a pod-bound token. */
  revoke(token: string): void;
  /** Is it valid now for at least one of these audiences? None given means kube-apiserver's own. */
  review(token: string, audiences?: readonly string[]): TokenReviewResult;
}

/** kube-apiserver's own audience, as kubeadm sets it up. */
export const apiAudience = 'https://kubernetes.default.svc.cluster.local';

/** As long as the token of a service account that is bound to a pod: peers and headers pay for the length. */
const tokenBytes = 800;

export function createTokenIssuer({ now }: { now: () => Date }): TokenIssuer {
  const issued = new Map<string, TokenClaims>();
  return {
    issue(claims) {
      const secret = `stand-in-${randomBytes(tokenBytes).toString('base64url')}`;
      const token = claims.expiresAt === undefined ? secret : jwt(now(), claims.expiresAt, secret);
      issued.set(token, claims);
      return token;
    },
    revoke(token) {
      issued.delete(token);
    },
    review(token, audiences = []) {
      const claims = issued.get(token);
      if (!claims) return { error: 'invalid bearer token' };
      const { audiences: meant = [apiAudience], expiresAt, ...user } = claims;
      if (expiresAt && expiresAt <= now()) {
        return { error: '[invalid bearer token, service account token has expired]' };
      }
      const wanted = audiences.length > 0 ? audiences : [apiAudience];
      const common = wanted.filter((audience) => meant.includes(audience));
      if (common.length === 0) {
        const [found, expected] = [JSON.stringify(meant), JSON.stringify(wanted)];
        return {
          error: `[invalid bearer token, token audiences ${found} is invalid for the target audiences ${expected}]`,
        };
      }
      return { user: authenticated(user), audiences: common };
    },
  };
}

/** Its signature is the secret that it is known by. */
function jwt(issuedAt: Date, expiresAt: Date, signature: string): string {
  const seconds = (date: Date) => Math.floor(date.getTime() / 1_000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ iat: seconds(issuedAt), exp: seconds(expiresAt) })}.${signature}`;
}

/** Every caller who proved an identity belongs to this group besides its own. */
export function authenticated(user: User): User {
  const group = 'system:authenticated';
  return user.groups.includes(group) ? user : { ...user, groups: [...user.groups, group] };
}
