import type { KubeClient } from './kube-client.ts';

/** Whom a token stands for, as the API server says. */
export interface ReviewedToken {
  readonly username: string;
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

interface TokenReviewStatus {
  readonly authenticated?: boolean;
  readonly error?: string;
  readonly audiences?: readonly string[];
  readonly user?: {
    readonly username?: string;
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
}

/** An agent waits 5 s for the first word: by then it must be known that the API server does not answer. */
const usualLongestMs = 3_000;

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
  const answer = (await client.post(
    '/apis/authentication.k8s.io/v1/tokenreviews',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } },
    AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
  )) as { status?: TokenReviewStatus };
  const { status } = answer;
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
