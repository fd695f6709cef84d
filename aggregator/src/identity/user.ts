/** Who makes a request, as kube-apiserver's `user.Info`. */
export interface User {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/**
 * What one way to authenticate says of a request: its user, why its credential does not hold, or nothing because it
 * carries no credential of that kind. The error is for the log; it quotes no credential.
 */
export type Verdict = { readonly user: User } | { readonly error: string } | undefined;

/** Everybody who proved an identity belongs to system:authenticated, unless his groups say already which he is. */
export function authenticated(user: User): User {
  const { groups, name } = user;
  if (name === 'system:anonymous') return user;
  if (groups.includes('system:authenticated') || groups.includes('system:unauthenticated')) return user;
  return { ...user, groups: [...groups, 'system:authenticated'] };
}
