import { hash } from 'node:crypto';
import { KubeApiError, type KubeClient } from '../kube/kube-client.ts';
import { type RetryDeps, retriedReview } from '../kube/review-retries.ts';
import { type AllowedPaths, allowedPaths } from './allowed-paths.ts';
import type { AuthorizationOptions } from './authentication-options.ts';
import { ExpiringLru } from './expiring-lru.ts';
import { SharedReviews } from './shared-reviews.ts';
import type { User } from './user.ts';
import type { Wanted } from './wanted.ts';

/** The answer of the cluster's authorizers. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Nobody could say whether a user may do it: the message is what the caller is told. */
export class Undecided extends Error {
  override readonly name = 'Undecided';
}

/** What asking needs. */
export interface AccessReviewDeps {
  readonly client: Pick<KubeClient, 'post'>;
  readonly retries: RetryDeps;
  readonly monotonicMs: () => number;
  /** Told of each question that is not settled by itself: whether the answer was remembered. */
  readonly onLookup?: ((result: 'hit' | 'miss') => void) | undefined;
}

interface ReviewStatus {
  readonly allowed?: boolean;
  readonly denied?: boolean;
  readonly reason?: string;
}

const mostCached = 8_192;
/** What is wanted comes from the caller, who may be anybody: an answer to more bytes is not worth its memory. */
const longestCachedBytes = 10_000;
const allowedAlways: Decision = { allowed: true, reason: '' };

/** Asks kube-apiserver whether a user may do something, and remembers the answer for a while. */
export class AccessReview {
  readonly #deps: AccessReviewDeps;
  readonly #options: AuthorizationOptions;
  readonly #isAllowedPath: AllowedPaths;
  readonly #statuses: ExpiringLru<ReviewStatus>;
  readonly #reviews = new SharedReviews<ReviewStatus>();

  /** @throws when a path that is always allowed is none */
  constructor(deps: AccessReviewDeps, options: AuthorizationOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#isAllowedPath = allowedPaths(options.alwaysAllowPaths);
    this.#statuses = new ExpiringLru(mostCached, deps.monotonicMs);
  }

  /**
   * @param path the request's, decoded: its length counts in what is worth remembering
   * @throws Undecided when the API server cannot answer or contradicts itself, TooManyReviews, or the signal's reason
   */
  async decide(user: User, wanted: Wanted, signal: AbortSignal, path = ''): Promise<Decision> {
    if (user.groups.includes('system:masters')) return allowedAlways;
    if ('nonResourceAttributes' in wanted && this.#isAllowedPath(wanted.nonResourceAttributes.path)) {
      return allowedAlways;
    }
    const spec = { user: user.name, groups: user.groups, uid: user.uid, extra: user.extra, ...wanted };
    // Hashed, because the names of 8,192 callers with hundreds of groups would fill the memory.
    const key = hash('sha256', JSON.stringify(spec), 'base64');
    const known = this.#statuses.get(key);
    this.#deps.onLookup?.(known === undefined ? 'miss' : 'hit');
    if (known !== undefined) return decisionOf(known);
    const isKept = controlledBytes(wanted, path) < longestCachedBytes;
    const review = (until: AbortSignal) => this.#review(spec, key, isKept, until);
    return decisionOf(await this.#reviews.ask(key, review, signal));
  }

  async #review(spec: object, key: string, isKept: boolean, signal: AbortSignal): Promise<ReviewStatus> {
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews?timeout=10s';
    const { client, retries } = this.#deps;
    let answer: { status?: ReviewStatus };
    try {
      answer = (await retriedReview(
        () => client.post(path, review, signal),
        retries,
        signal,
      )) as typeof answer;
    } catch (error) {
      throw new Undecided(reasonOf(error), { cause: error });
    }
    const status = answer.status ?? {};
    const { allowed = false } = status;
    const { allowedTtlMs, deniedTtlMs } = this.#options;
    if (isKept) this.#statuses.set(key, status, allowed ? allowedTtlMs : deniedTtlMs);
    return status;
  }
}

/** What the API server says, as it says it; else why it says nothing. A review holds no secret that it might quote. */
function reasonOf(error: unknown): string {
  if (error instanceof KubeApiError && error.said !== undefined) return error.said;
  return error instanceof Error ? error.message : String(error);
}

function decisionOf({ allowed = false, denied = false, reason = '' }: ReviewStatus): Decision {
  if (allowed && denied) {
    throw new Undecided('webhook subject access review returned both allow and deny response');
  }
  return { allowed, reason };
}

/** How much of what is remembered the caller has chosen, in bytes. */
function controlledBytes(wanted: Wanted, path: string): number {
  if ('nonResourceAttributes' in wanted) {
    const { path: asked, verb } = wanted.nonResourceAttributes;
    return Buffer.byteLength(asked) + Buffer.byteLength(verb);
  }
  const { verb, group, version, resource, subresource, namespace, name } = wanted.resourceAttributes;
  return [verb, group, version, resource, subresource, namespace, name, path].reduce(
    (sum, text) => sum + Buffer.byteLength(text ?? ''),
    0,
  );
}
