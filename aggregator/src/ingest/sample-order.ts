/** A clock that goes on from an earlier instant, and no replay, where so many in a row grow. */
const mostBack = 3;

/**
 * Whether the samples of one stream follow each other. A report that is repeated carries an instant that is not later
 * than the last; a clock that was set back does so once and goes on from there.
 */
export class SampleOrder {
  #lastUsec = -1;
  #backUsec = -1;
  #inARow = 0;

  /** @returns `set back` for the sample from which on the clock counts anew */
  judge(instantUsec: number): 'next' | 'replayed' | 'set back' {
    if (instantUsec > this.#lastUsec) return this.#take(instantUsec, 'next');
    this.#inARow = instantUsec > this.#backUsec ? this.#inARow + 1 : 1;
    this.#backUsec = instantUsec;
    return this.#inARow < mostBack ? 'replayed' : this.#take(instantUsec, 'set back');
  }

  #take<Verdict>(instantUsec: number, verdict: Verdict): Verdict {
    this.#lastUsec = instantUsec;
    this.#backUsec = -1;
    this.#inARow = 0;
    return verdict;
  }
}
