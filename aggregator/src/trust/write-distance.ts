/** How a try to write ended: anything but another's change in between, or such a change (HTTP 409). */
export type WriteOutcome = 'tried' | 'conflict';

/** Between two tries. */
export interface WriteDistances {
  readonly leastMs: number;
  readonly longestMs: number;
}

/** The watch usually tells the version that won within milliseconds. */
const conflictMs = 100;

/**
 * How long to leave an object alone after a try to write it. Doubles, so that replicas that disagree about an object (two
 * clocks) or a watch that is behind do not wear the API server out; starts anew once the object has been left in peace.
 */
export class WriteDistance {
  readonly #distances: WriteDistances;
  #nextMs: number;
  #hurries = true;
  #triedAtMs = Number.NEGATIVE_INFINITY;

  constructor(distances: WriteDistances) {
    this.#distances = distances;
    this.#nextMs = distances.leastMs;
  }

  /** Milliseconds until the next try may be made. @param nowMs monotonic */
  after(outcome: WriteOutcome, nowMs: number): number {
    const { leastMs, longestMs } = this.#distances;
    // Twice: one who disagrees may himself be waiting for the longest.
    if (nowMs - this.#triedAtMs > 2 * longestMs) {
      this.#nextMs = leastMs;
      this.#hurries = true;
    }
    this.#triedAtMs = nowMs;
    if (outcome === 'conflict' && this.#hurries) {
      this.#hurries = false;
      return Math.min(conflictMs, leastMs);
    }
    const ms = this.#nextMs;
    this.#nextMs = Math.min(2 * ms, longestMs);
    return ms;
  }
}
