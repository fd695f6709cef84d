/** An agent that starts reports half a dozen times within seconds; a new stream begins with what the last one had. */
const burst = 10;
/** Ticks come a little early or late. */
const fastestPeriods = 0.8;

/** How often a node may report, whatever streams it comes by: a token bucket. */
export class ReportPace {
  #tokens = burst;
  #filledMs = Number.NEGATIVE_INFINITY;

  /** Whether a report may be taken now. @param periodMs the one agreed upon */
  take(nowMs: number, periodMs: number): boolean {
    const earned = (nowMs - this.#filledMs) / (fastestPeriods * periodMs);
    this.#tokens = Math.min(burst, this.#tokens + earned);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
