/** How long the smallest delay seen is believed: two buckets of this length, the older one still counting. */
const bucketMs = 60_000;

/**
 * Turns instants of an agent's monotonic clock into instants of this process's monotonic clock.
 *
 * Whatever arrives was sampled before: arrival − instant = offset + delay, and the smallest of these over a while
 * is the offset plus the shortest delay of the way. Half of the shortest round trip takes that delay out. So a
 * node whose clock is hours off has right ages, and a slow network makes data look neither older nor younger.
 */
export class AgentClock {
  #bucketStartMs = Number.NEGATIVE_INFINITY;
  #smallestMs = Number.POSITIVE_INFINITY;
  #smallestBeforeMs = Number.POSITIVE_INFINITY;
  #roundTripMs = Number.POSITIVE_INFINITY;
  #roundTripBeforeMs = Number.POSITIVE_INFINITY;

  /** Notes that a message which carries this instant arrived now. */
  observe(agentMonotonicUsec: number, arrivalMs: number): void {
    this.#turn(arrivalMs);
    this.#smallestMs = Math.min(this.#smallestMs, arrivalMs - agentMonotonicUsec / 1000);
  }

  /** Notes how long an echo took from being sent to its reply's arrival. */
  observeRoundTrip(roundTripMs: number, arrivalMs: number): void {
    this.#turn(arrivalMs);
    if (roundTripMs >= 0) this.#roundTripMs = Math.min(this.#roundTripMs, roundTripMs);
  }

  /** The instant on this process's monotonic clock in ms. Meaningful once something was observed. */
  toLocalMs(agentMonotonicUsec: number): number {
    const smallestMs = Math.min(this.#smallestMs, this.#smallestBeforeMs);
    const roundTripMs = Math.min(this.#roundTripMs, this.#roundTripBeforeMs);
    const oneWayMs = Number.isFinite(roundTripMs) ? roundTripMs / 2 : 0;
    return agentMonotonicUsec / 1000 + smallestMs - oneWayMs;
  }

  #turn(nowMs: number): void {
    if (nowMs - this.#bucketStartMs < bucketMs) return;
    this.#bucketStartMs = nowMs;
    this.#smallestBeforeMs = this.#smallestMs;
    this.#smallestMs = Number.POSITIVE_INFINITY;
    // A bucket without an echo must not forget the way's length.
    if (Number.isFinite(this.#roundTripMs)) this.#roundTripBeforeMs = this.#roundTripMs;
    this.#roundTripMs = Number.POSITIVE_INFINITY;
  }
}
