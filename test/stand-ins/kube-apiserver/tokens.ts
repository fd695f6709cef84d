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

export type TokenReviewResult = { user: User; audiences: readonly string[] } | { error: string };

export interface TokenIssuer {
  /** An opaque bearer token; what it stands for is known only here. */
  issue(claims: TokenClaims): string;
  /** As the deletion of the pod does to a pod-bound token. */
  revoke(token: string): void;
  /** Is it valid now for at least one of these audiences? None given means kube-apiserver's own. */
  review(token: string, audiences?: readonly string[]): TokenReviewResult;
}

/** kube-apiserver's own audience, as kubeadm sets it up. */
export const apiAudience = 'https://kubernetes.default.svc.cluster.local';

export function createTokenIssuer({ now }: { now: () => Date }): TokenIssuer {
  const issued = new Map<string, TokenClaims>();
  return {
    issue(claims) {
      const token = `stand-in-${randomBytes(24).toString('base64url')}`;
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

/** Every caller who proved an identity belongs to this group besides its own. */
export function authenticated(user: User): User {
  const group = 'system:authenticated';
  return user.groups.includes(group) ? user : { ...user, groups: [...user.groups, group] };
}
