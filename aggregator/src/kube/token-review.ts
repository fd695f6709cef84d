import type { KubeClient } from './kube-client.ts';
import { type RetryDeps, retriedReview } from './review-retries.ts';

/** Whom a token stands for, as the API server says. */
export interface ReviewedToken {
  readonly username: string;
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** The user that a token stands for, as the API server says; what it leaves out is empty. */
export interface ReviewedUser extends ReviewedToken {
  readonly uid: string;
  readonly groups: readonly string[];
}

interface TokenReviewStatus {
  readonly authenticated?: boolean;
  readonly error?: string;
  readonly audiences?: readonly string[];
  readonly user?: Partial<ReviewedUser>;
}

/** An agent waits 5 s for the first word: by then it must be known that the API server does not answer. */
const usualLongestMs = 3_000;
/** A user waits longer, and attempts that fail are made again within this time. */
const usualUserLongestMs = 10_000;

/**
 * Asks the API server about a token (authentication.k8s.io/v1 TokenReview).
 * @returns undefined when the token is not valid for any of the audiences
 * @throws when the API server cannot answer within `longestMs`
 */
export async function reviewToken(
  client: Pick<KubeClient, 'post'>,
  token: string,
  audiences: readonly string[],
  signal: AbortSignal,
  longestMs = usualLongestMs,
): Promise<ReviewedToken | undefined> {
  const bound = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
  const status = await postReview(client, { token, audiences }, bound);
  if (status?.error !== undefined && status.error !== '' && status.authenticated === true) {
    // Its words are left out: they may quote the token.
    throw new Error('Cannot trust a TokenReview: expected no error beside authenticated, found both');
  }
  if (status?.authenticated !== true || status.user?.username === undefined) return undefined;
  // A reviewer that knows nothing of audiences names none: its yes would hold for any audience.
  if (!audiences.some((audience) => status.audiences?.includes(audience))) return undefined;
  const { username, extra = {} } = status.user;
  return { username, extra };
}

/**
 * Asks the API server which user a token stands for, for any audience that the API server takes for its own.
 * @returns undefined when it is a plain no, which holds for a while
 * @throws when the API server cannot answer within `longestMs`, or says what was wrong: then it may say yes next time
 */
export async function reviewUserToken(
  client: Pick<KubeClient, 'post'>,
  retries: RetryDeps,
  token: string,
  signal: AbortSignal,
  longestMs = usualUserLongestMs,
): Promise<ReviewedUser | undefined> {
  const bound = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
  const status = await retriedReview(() => postReview(client, { token }, bound), retries, bound);
  if (status?.authenticated === true) {
    const { username = '', uid = '', groups = [], extra = {} } = status.user ?? {};
    return { username, uid, groups, extra };
  }
  if ((status?.error ?? '') !== '') throw new Error('the API server says that the token is not valid');
  return undefined;
}

async function postReview(
  client: Pick<KubeClient, 'post'>,
  spec: { readonly token: string; readonly audiences?: readonly string[] },
  signal: AbortSignal,
): Promise<TokenReviewStatus | undefined> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec };
  const answer = await client.post('/apis/authentication.k8s.io/v1/tokenreviews', review, signal);
  return (answer as { status?: TokenReviewStatus }).status;
}
