import { createHmac, randomBytes } from 'node:crypto';
import { unquotedReason } from '../kube/kube-client.ts';
import type { ReviewedUser } from '../kube/token-review.ts';
import { ExpiringLru } from './expiring-lru.ts';
import { SharedReviews } from './shared-reviews.ts';
import type { Verdict } from './user.ts';

/** What users of tokens need. */
export interface BearerTokenDeps {
  /** @returns undefined for a plain no @throws when there is no answer, or one that must not be remembered */
  readonly review: (token: string, signal: AbortSignal) => Promise<ReviewedUser | undefined>;
  readonly monotonicMs: () => number;
}

const mostRemembered = 10_000;

/**
 * The token of `Authorization: Bearer <token>`: the scheme in any case, the token up to the next space.
 * @returns undefined for another scheme, or for an empty token
 */
export function bearerToken(authorization: string | undefined): string | undefined {
  const [scheme, token] = (authorization ?? '').trim().split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' && token !== '' ? token : undefined;
}

/** What a client is told whose token went unread for a second space before it; for the header Warning (RFC 7234 5.5). */
export function tokenWarning(authorization: string | undefined): string | undefined {
  if (authorization === undefined || !/^bearer {2}/i.test(authorization.trim())) return undefined;
  return '299 - "the provided Authorization header contains extra space before the bearer token, and is ignored"';
}

/** Users of tokens: the API server says whom one stands for, and the answer holds for a while. */
export class BearerTokens {
  readonly #deps: BearerTokenDeps;
  readonly #cacheMs: number;
  /** Tokens are kept as keyed hashes: a memory dump of the aggregator holds none. */
  readonly #key = randomBytes(32);
  readonly #verdicts: ExpiringLru<Verdict>;
  readonly #reviews = new SharedReviews<Verdict>();

  /** @param cacheMs how long an answer holds; 0: not at all */
  constructor(deps: BearerTokenDeps, cacheMs: number) {
    this.#deps = deps;
    this.#cacheMs = cacheMs;
    this.#verdicts = new ExpiringLru(mostRemembered, deps.monotonicMs);
  }

  async user(authorization: string | undefined, signal: AbortSignal): Promise<Verdict> {
    const token = bearerToken(authorization);
    if (token === undefined) return undefined;
    const digest = createHmac('sha256', this.#key).update(token).digest('base64');
    const known = this.#verdicts.get(digest);
    if (known !== undefined) return known;
    try {
      return await this.#reviews.ask(digest, (until) => this.#review(token, digest, until), signal);
    } catch (error) {
      return { error: `bearer token could not be reviewed: ${unquotedReason(error)}` };
    }
  }

  async #review(token: string, digest: string, signal: AbortSignal): Promise<Verdict> {
    const reviewed = await this.#deps.review(token, signal);
    const verdict: Verdict =
      reviewed === undefined ? { error: 'invalid bearer token' } : { user: userOf(reviewed) };
    this.#verdicts.set(digest, verdict, this.#cacheMs);
    return verdict;
  }
}

function userOf({ username, uid, groups, extra }: ReviewedUser) {
  return { name: username, uid, groups, extra };
}
