/** A question about a token that waits for its turn. */
export interface WaitingReview {
  /** Who asks: an address without a port. */
  readonly peer: string;
  /** Whether the token was seen valid before. */
  readonly known: boolean;
}

/** Bounds of the reviews. */
export interface ReviewQueueOptions {
  readonly mostAtOnce: number;
  /** The others are kept for tokens that were seen valid before. */
  readonly mostUnknownAtOnce: number;
  readonly perSecond: number;
  readonly mostWaiting: number;
  /** How long a peer that has shown a token which is not valid is held back. */
  readonly suspectForMs: number;
  readonly mostAtOnceOfSuspect: number;
  /** How long its unknown tokens wait after each that is not valid. */
  readonly suspectPauseMs: number;
}

/**
 * The reviews of 5,000 agents that come back at once take five seconds, of the 35 in which all have reported; a peer that
 * shows what is no token has at most forty reviews a second.
 */
export const usualQueue: ReviewQueueOptions = {
  mostAtOnce: 32,
  mostUnknownAtOnce: 24,
  perSecond: 1_000,
  mostWaiting: 10_000,
  suspectForMs: 60_000,
  mostAtOnceOfSuspect: 4,
  suspectPauseMs: 100,
};

/** What may be asked without a pause, as a part of a second. */
const burst = 0.1;
const mostSuspects = 10_000;

/**
 * Whose review is next: tokens seen valid before others, and among equals one of each peer in turn. So a peer with one
 * review waits at most until each other peer had one, however many those have. No clock and no socket here.
 */
export class ReviewQueue<Review extends WaitingReview> {
  readonly #options: ReviewQueueOptions;
  readonly #known = new Rounds<Review>();
  readonly #unknown = new Rounds<Review>();
  readonly #unknownUnderWay = new Map<string, number>();
  /** When each peer's last token was not valid, the longest ago first. */
  readonly #suspects = new Map<string, number>();
  #underWay = 0;
  #allowance: number;
  #allowanceAtMs = 0;

  constructor(options: ReviewQueueOptions = usualQueue) {
    this.#options = options;
    this.#allowance = options.perSecond * burst;
  }

  get waiting(): number {
    return this.#known.size + this.#unknown.size;
  }

  /**
   * @returns who must leave because there are too many: the oldest of a peer that has more than its share. An unknown
   *   token leaves before one that was seen valid, also if it is this one.
   */
  add(review: Review): Review | undefined {
    (review.known ? this.#known : this.#unknown).add(review);
    if (this.waiting <= this.#options.mostWaiting) return undefined;
    return (this.#unknown.size > 0 ? this.#unknown : this.#known).drop(review.peer);
  }

  /** Of one that nobody waits for any more. */
  remove(review: Review): void {
    (review.known ? this.#known : this.#unknown).remove(review);
  }

  /** The review to begin now; call ended() when it is over. */
  take(nowMs: number): Review | undefined {
    this.#refill(nowMs);
    if (this.#underWay >= this.#options.mostAtOnce || this.#allowance < 1) return undefined;
    const review = this.#known.take(() => true) ?? this.#takeUnknown(nowMs);
    if (review === undefined) return undefined;
    this.#underWay += 1;
    this.#allowance -= 1;
    if (!review.known) this.#countUnknown(review.peer, 1);
    return review;
  }

  /** @param valid false only where the API server said no */
  ended({ known, peer }: Review, valid: boolean, nowMs: number): void {
    this.#underWay -= 1;
    if (!known) this.#countUnknown(peer, -1);
    if (valid) return;
    this.#suspects.delete(peer);
    this.#suspects.set(peer, nowMs);
  }

  #takeUnknown(nowMs: number): Review | undefined {
    const { mostAtOnceOfSuspect, mostUnknownAtOnce, suspectPauseMs } = this.#options;
    this.#forgetSuspects(nowMs);
    let underWay = 0;
    for (const count of this.#unknownUnderWay.values()) underWay += count;
    if (underWay >= mostUnknownAtOnce) return undefined;
    return this.#unknown.take((peer) => {
      const suspectMs = this.#suspects.get(peer);
      if (suspectMs === undefined) return true;
      return (
        nowMs >= suspectMs + suspectPauseMs && (this.#unknownUnderWay.get(peer) ?? 0) < mostAtOnceOfSuspect
      );
    });
  }

  #forgetSuspects(nowMs: number): void {
    for (const [peer, suspectMs] of this.#suspects) {
      if (nowMs < suspectMs + this.#options.suspectForMs && this.#suspects.size <= mostSuspects) return;
      this.#suspects.delete(peer);
    }
  }

  #countUnknown(peer: string, by: number): void {
    const count = (this.#unknownUnderWay.get(peer) ?? 0) + by;
    if (count === 0) this.#unknownUnderWay.delete(peer);
    else this.#unknownUnderWay.set(peer, count);
  }

  #refill(nowMs: number): void {
    const { perSecond } = this.#options;
    const added = ((nowMs - this.#allowanceAtMs) / 1_000) * perSecond;
    this.#allowance = Math.min(perSecond * burst, this.#allowance + added);
    this.#allowanceAtMs = nowMs;
  }
}

/** Peers in a ring, each with what it has waiting in the order in which it came. */
class Rounds<Review extends WaitingReview> {
  readonly #peers = new Map<string, Set<Review>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(review: Review): void {
    const waiting = this.#peers.get(review.peer) ?? new Set();
    this.#peers.set(review.peer, waiting.add(review));
    this.#size += 1;
  }

  /** The oldest of the first peer that may; after it that peer is the last. */
  take(may: (peer: string) => boolean): Review | undefined {
    for (const [peer, waiting] of this.#peers) {
      const [review] = may(peer) ? waiting : [];
      if (review === undefined) continue;
      this.remove(review);
      // Only where the peer has more.
      if (this.#peers.delete(peer)) this.#peers.set(peer, waiting);
      return review;
    }
    return undefined;
  }

  /** The oldest of this peer, if it has more than its share, or else of the peer that has most. */
  drop(peer: string): Review | undefined {
    let most: ReadonlySet<Review> = this.#peers.get(peer) ?? new Set();
    if (most.size <= this.#size / this.#peers.size) {
      for (const waiting of this.#peers.values()) if (waiting.size > most.size) most = waiting;
    }
    const [review] = most;
    if (review !== undefined) this.remove(review);
    return review;
  }

  remove(review: Review): void {
    const waiting = this.#peers.get(review.peer);
    if (waiting?.delete(review) !== true) return;
    this.#size -= 1;
    if (waiting.size === 0) this.#peers.delete(review.peer);
  }
}
