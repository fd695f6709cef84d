/** So many reviews wait already that another one would never be answered in time. */
export class TooManyReviews extends Error {
  override readonly name = 'TooManyReviews';

  constructor(waiting: number) {
    super(`Cannot ask the API server for another review: ${waiting} wait already`);
  }
}

interface Review<Answer> {
  readonly answer: Promise<Answer>;
  readonly abort: AbortController;
  waiting: number;
}

/** How many reviews may be under way at once, and how many more may wait for that. */
export interface SharedReviewsOptions {
  readonly mostAtOnce: number;
  readonly mostWaiting: number;
}

/** As many at once as metrics-server asks in a second. */
export const usualReviews: SharedReviewsOptions = { mostAtOnce: 200, mostWaiting: 2_000 };

/**
 * Asks each question once, however many wait for its answer, and not too many questions at once. A review goes on as
 * long as anybody waits for it: that the first who asked has left is nothing to the others.
 */
export class SharedReviews<Answer> {
  readonly #options: SharedReviewsOptions;
  readonly #reviews = new Map<string, Review<Answer>>();
  readonly #queue: (() => void)[] = [];
  #underWay = 0;

  constructor(options: SharedReviewsOptions = usualReviews) {
    this.#options = options;
  }

  /**
   * @param key the same for the same question
   * @throws TooManyReviews, what `start` throws, or the signal's reason
   */
  async ask(
    key: string,
    start: (signal: AbortSignal) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    signal.throwIfAborted();
    const review = this.#reviews.get(key) ?? this.#begin(key, start);
    review.waiting += 1;
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([review.answer, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      review.waiting -= 1;
      if (review.waiting === 0) {
        review.abort.abort();
        if (this.#reviews.get(key) === review) this.#reviews.delete(key);
      }
    }
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<Answer>): Review<Answer> {
    if (this.#underWay >= this.#options.mostAtOnce && this.#queue.length >= this.#options.mostWaiting) {
      throw new TooManyReviews(this.#queue.length);
    }
    const abort = new AbortController();
    const answer = this.#inTurn(() => start(abort.signal), abort.signal).finally(() => {
      if (this.#reviews.get(key) === review) this.#reviews.delete(key);
    });
    // Nobody may be left to hear of a failure.
    answer.catch(() => undefined);
    const review: Review<Answer> = { answer, abort, waiting: 0 };
    this.#reviews.set(key, review);
    return review;
  }

  async #inTurn(start: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    if (this.#underWay >= this.#options.mostAtOnce) {
      const { promise: turn, resolve } = Promise.withResolvers<void>();
      let isOurs = false;
      const enter = () => {
        isOurs = true;
        resolve();
      };
      const leave = () => {
        const at = this.#queue.indexOf(enter);
        if (at >= 0) this.#queue.splice(at, 1);
        resolve();
      };
      this.#queue.push(enter);
      signal.addEventListener('abort', leave, { once: true });
      await turn;
      signal.removeEventListener('abort', leave);
      if (!isOurs) throw signal.reason;
    } else this.#underWay += 1;
    try {
      signal.throwIfAborted();
      return await start();
    } finally {
      const next = this.#queue.shift();
      // Whose turn it is takes the place over.
      if (next === undefined) this.#underWay -= 1;
      else next();
    }
  }
}
