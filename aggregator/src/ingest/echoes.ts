/** How often the way is measured where all is well. */
const everyMs = 30_000;
/** How long a reply is waited for. */
const replyWithinMs = 10_000;
/** Half of what a timestamp may be wrong by. */
const preciseMs = 100;
/** A report that seems to have taken so long: was it the way, or has the agent's clock been set back? */
const slowMs = 500;
/** On a way whose delay is not steady some are needed, one after the other, until both directions were quick once. */
const mostInARow = 8;

/** When a stream's agent is asked for an echo, and whether a reply is to one that was. */
export class Echoes {
  #nonce = 0;
  #inARow = 0;
  #rowSinceMs = Number.NEGATIVE_INFINITY;
  #sentMs = Number.NEGATIVE_INFINITY;
  #isAwaited = false;

  /** Whether a reply is to come. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  /**
   * Whether to ask now, when a report has come.
   * @param uncertaintyMs what the clock may be wrong by
   * @param ageMs of the report's sample
   */
  isDue(uncertaintyMs: number, ageMs: number, nowMs: number): boolean {
    const sinceMs = nowMs - this.#sentMs;
    if (this.#isAwaited ? sinceMs >= replyWithinMs : sinceMs >= everyMs) return true;
    return !this.#isAwaited && (uncertaintyMs > preciseMs || ageMs > slowMs);
  }

  /** Whether to ask again, now that a reply has come. */
  isDueAgain(uncertaintyMs: number): boolean {
    return uncertaintyMs > preciseMs && this.#inARow < mostInARow;
  }

  /** @returns what the reply must repeat */
  send(nowMs: number): number {
    this.#nonce += 1;
    if (nowMs - this.#rowSinceMs >= everyMs) {
      this.#rowSinceMs = nowMs;
      this.#inARow = 0;
    }
    this.#inARow += 1;
    this.#sentMs = nowMs;
    this.#isAwaited = true;
    return this.#nonce;
  }

  /** When the echo was sent of which this is the reply; `late` for an earlier one, undefined for none. */
  reply(nonce: unknown): number | 'late' | undefined {
    if (typeof nonce !== 'number' || !this.#isAwaited || !(nonce >= 1 && nonce <= this.#nonce))
      return undefined;
    if (nonce !== this.#nonce) return 'late';
    this.#isAwaited = false;
    return this.#sentMs;
  }
}
