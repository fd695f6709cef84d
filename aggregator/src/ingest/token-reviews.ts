import { createHmac, randomBytes } from 'node:crypto';
import { unquotedReason } from '../kube/kube-client.ts';
import type { ReviewedToken } from '../kube/token-review.ts';
import { ReviewQueue, type WaitingReview } from './review-queue.ts';
import { tokenLife } from './token-life.ts';

/** A token that the API server has called valid; instants on the monotonic clock. */
export interface SeenToken {
  readonly digest: string;
  readonly user: ReviewedToken;
  readonly reviewedMs: number;
  /** Undefined where the token tells no end, or one that has passed by a clock which the API server's yes contradicts. */
  readonly endsMs: number | undefined;
  /** From its issue to its end, or as much of that as is known. */
  readonly lastsMs: number | undefined;
}

/** Why there is neither yes nor no. */
export interface NoVerdict {
  readonly unreviewed: 'too many' | 'no answer';
  readonly cause: string;
}

export type TokenVerdict = SeenToken | 'invalid' | NoVerdict;

/** What reviewing needs. */
export interface TokenReviewsDeps {
  /** @throws when the API server cannot answer */
  readonly reviewToken: (token: string, audiences: readonly string[]) => Promise<ReviewedToken | undefined>;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
  /** Calls back after so many milliseconds. */
  readonly later: (ms: number, run: () => void) => void;
}

/** A token is not asked about again for so long, as API servers do with users' tokens. */
const freshMs = 10_000;
/** A token seen valid goes on for this long while the API server cannot be reached. */
const trustedMs = 600_000;
/** So long such a token waits for its review: API servers that hang and crowds of agents take longer. */
const patienceMs = 2_000;
const pumpMs = 10;
const mostRemembered = 10_000;

interface Review extends WaitingReview, PromiseWithResolvers<TokenVerdict> {
  readonly digest: string;
  readonly token: string;
  waiting: number;
  begun: boolean;
}

/**
 * Has tokens reviewed: each once however many ask, in fair order, and not again while the answer is fresh. Tokens that
 * are remembered are kept as keyed hashes.
 */
export class TokenReviews {
  readonly #deps: TokenReviewsDeps;
  readonly #audience: string;
  readonly #key = randomBytes(32);
  readonly #seen = new Map<string, SeenToken>();
  readonly #open = new Map<string, Review>();
  readonly #queue = new ReviewQueue<Review>();
  #pumps = false;

  constructor(deps: TokenReviewsDeps, audience: string) {
    this.#deps = deps;
    this.#audience = audience;
  }

  /**
   * The API server's word on a token. Where it has none, that of the last ten minutes.
   * @param peer whose turn it costs
   * @param signal nobody waits any more
   */
  async review(token: string, peer: string, signal: AbortSignal): Promise<TokenVerdict> {
    const digest = this.#digest(token);
    const seen = this.#seenNow(digest);
    const ageMs = seen === undefined ? Number.POSITIVE_INFINITY : this.#deps.monotonicMs() - seen.reviewedMs;
    if (seen !== undefined && ageMs < freshMs) return seen;
    const asked = this.#ask(token, digest, peer, signal);
    if (seen === undefined || ageMs > trustedMs) return asked;
    const outOfPatience = new Promise<undefined>((resolve) =>
      this.#deps.later(patienceMs, () => resolve(undefined)),
    );
    const verdict = await Promise.race([asked, outOfPatience]);
    return verdict === undefined || isNoVerdict(verdict) ? seen : verdict;
  }

  /** The API server's word on a token now, and nobody else's. */
  async reviewAgain(token: string, peer: string, signal: AbortSignal): Promise<TokenVerdict> {
    return this.#ask(token, this.#digest(token), peer, signal);
  }

  /** Remembers a token that was accepted; only such a one goes on without the API server. */
  remember(token: SeenToken): void {
    this.#seen.delete(token.digest);
    this.#seen.set(token.digest, token);
    const oldest = this.#seen.keys().next();
    if (this.#seen.size > mostRemembered && oldest.done !== true) this.#seen.delete(oldest.value);
  }

  #seenNow(digest: string): SeenToken | undefined {
    const seen = this.#seen.get(digest);
    if (seen?.endsMs === undefined || this.#deps.monotonicMs() < seen.endsMs) return seen;
    this.#seen.delete(digest);
    return undefined;
  }

  #ask(token: string, digest: string, peer: string, signal: AbortSignal): Promise<TokenVerdict> {
    let review = this.#open.get(digest);
    if (review === undefined) {
      const known = this.#seen.has(digest);
      const settled = Promise.withResolvers<TokenVerdict>();
      review = { ...settled, digest, token, peer, known, waiting: 0, begun: false };
      this.#open.set(digest, review);
      const dropped = this.#queue.add(review);
      if (dropped !== undefined) {
        this.#open.delete(dropped.digest);
        dropped.resolve({ unreviewed: 'too many', cause: 'the queue for reviews is full' });
      }
      this.#pump();
    }
    return this.#waitFor(review, signal);
  }

  #waitFor(review: Review, signal: AbortSignal): Promise<TokenVerdict> {
    review.waiting += 1;
    const leave = () => {
      review.waiting -= 1;
      if (review.waiting > 0 || review.begun) return;
      this.#queue.remove(review);
      this.#open.delete(review.digest);
      review.resolve({ unreviewed: 'no answer', cause: 'nobody waits for it' });
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    void review.promise.then(() => signal.removeEventListener('abort', leave));
    return review.promise;
  }

  #pump(): void {
    for (;;) {
      const review = this.#queue.take(this.#deps.monotonicMs());
      if (review === undefined) break;
      review.begun = true;
      void this.#run(review);
    }
    if (this.#pumps || this.#queue.waiting === 0) return;
    // What waits for the rate, or for a peer's pause, nothing else will wake.
    this.#pumps = true;
    this.#deps.later(pumpMs, () => {
      this.#pumps = false;
      this.#pump();
    });
  }

  async #run(review: Review): Promise<void> {
    const verdict = await this.#verdict(review);
    this.#queue.ended(review, verdict !== 'invalid', this.#deps.monotonicMs());
    this.#open.delete(review.digest);
    if (verdict === 'invalid') this.#seen.delete(review.digest);
    review.resolve(verdict);
    this.#pump();
  }

  async #verdict({ digest, token }: Review): Promise<TokenVerdict> {
    try {
      const user = await this.#deps.reviewToken(token, [this.#audience]);
      return user === undefined ? 'invalid' : { digest, user, ...this.#spanOf(token) };
    } catch (error) {
      return { unreviewed: 'no answer', cause: unquotedReason(error) };
    }
  }

  #spanOf(token: string): Pick<SeenToken, 'reviewedMs' | 'endsMs' | 'lastsMs'> {
    const reviewedMs = this.#deps.monotonicMs();
    const life = tokenLife(token);
    const leftMs = (life?.expiresMs ?? 0) - this.#deps.wallMs();
    if (life === undefined || leftMs <= 0) return { reviewedMs, endsMs: undefined, lastsMs: undefined };
    const lastsMs = life.issuedMs === undefined ? leftMs : life.expiresMs - life.issuedMs;
    return { reviewedMs, endsMs: reviewedMs + leftMs, lastsMs };
  }

  #digest(token: string): string {
    return createHmac('sha256', this.#key).update(token).digest('base64');
  }
}

export function isNoVerdict(verdict: TokenVerdict): verdict is NoVerdict {
  return typeof verdict === 'object' && 'unreviewed' in verdict;
}
