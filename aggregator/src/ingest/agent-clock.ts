/** For how long the bounds seen are believed: two buckets of this length, the older one still counting. */
const bucketMs = 60_000;
/** How long a bucket waits for an echo, so that both bounds are forgotten together. Clocks drift. */
const longestBucketMs = 300_000;
/** What drift can make of bounds that are some minutes old: NTP slews a clock by 0.5 ms a second at the most. */
const slackMs = 200;

/** Between what the offset lies: this process's clock minus the agent's, in ms. */
interface Bounds {
  atLeastMs: number;
  atMostMs: number;
}

const unknown = (): Bounds => ({ atLeastMs: Number.NEGATIVE_INFINITY, atMostMs: Number.POSITIVE_INFINITY });

/**
 * Turns instants of an agent's monotonic clock into instants of this process's monotonic clock, as NTP does (RFC 5905).
 *
 * Whatever arrives was sampled before: the offset is at most arrival − instant. The reply to an echo was sampled after
 * the echo was sent: the offset is at least sending − instant. The narrowest bounds of the last minutes are those of
 * the fastest messages each way, and the middle between them is wrong by half of their distance at the most. So a node
 * whose clock is hours off has right ages, and a slow network makes data look neither older nor younger; what nobody can
 * see is a way that is always slower in one direction.
 */
export class AgentClock {
  #bucketStartMs = Number.NEGATIVE_INFINITY;
  #now = unknown();
  #before = unknown();
  /** Half of the last distance that was known. */
  #oneWayMs = 0;

  /**
   * Notes that a message which carries this instant arrived now.
   * @returns whether the agent's clock has jumped ahead: what was known of it before is forgotten
   */
  observe(agentMonotonicUsec: number, arrivalMs: number): boolean {
    const atMostMs = arrivalMs - agentMonotonicUsec / 1000;
    const hasJumped = atMostMs < this.#bounds.atLeastMs - slackMs;
    if (hasJumped) this.restart();
    this.#turn(arrivalMs);
    this.#now.atMostMs = Math.min(this.#now.atMostMs, atMostMs);
    this.#noteWay();
    return hasJumped;
  }

  /** Notes the reply to an echo. @returns whether the agent's clock has jumped, ahead or back, as of observe() */
  observeEcho(agentMonotonicUsec: number, sentMs: number, arrivalMs: number): boolean {
    const atLeastMs = sentMs - agentMonotonicUsec / 1000;
    const hasGoneBack = atLeastMs > this.#bounds.atMostMs + slackMs;
    if (hasGoneBack) this.restart();
    const hasJumped = this.observe(agentMonotonicUsec, arrivalMs);
    this.#now.atLeastMs = Math.max(this.#now.atLeastMs, atLeastMs);
    this.#noteWay();
    return hasGoneBack || hasJumped;
  }

  /** Forgets the offset, not the length of the way. */
  restart(): void {
    this.#bucketStartMs = Number.NEGATIVE_INFINITY;
    this.#now = unknown();
    this.#before = unknown();
  }

  /** The instant on this process's monotonic clock in ms. Meaningful once something was observed. */
  toLocalMs(agentMonotonicUsec: number): number {
    return agentMonotonicUsec / 1000 + this.offsetMs;
  }

  /** This process's clock minus the agent's. Until an echo has come back, too large by the length of the way. */
  get offsetMs(): number {
    const { atLeastMs, atMostMs } = this.#bounds;
    return Number.isFinite(atLeastMs) ? (atLeastMs + atMostMs) / 2 : atMostMs - this.#oneWayMs;
  }

  /** By how much the offset may be wrong, drift left aside; infinite until an echo has come back. */
  get uncertaintyMs(): number {
    const { atLeastMs, atMostMs } = this.#bounds;
    return Math.max(0, atMostMs - atLeastMs) / 2;
  }

  /** The same by the messages of the last minute alone: what will be left when those before are forgotten. */
  get recentUncertaintyMs(): number {
    return Math.max(0, this.#now.atMostMs - this.#now.atLeastMs) / 2;
  }

  get #bounds(): Bounds {
    return {
      atLeastMs: Math.max(this.#now.atLeastMs, this.#before.atLeastMs),
      atMostMs: Math.min(this.#now.atMostMs, this.#before.atMostMs),
    };
  }

  #noteWay(): void {
    const { uncertaintyMs } = this;
    if (Number.isFinite(uncertaintyMs)) this.#oneWayMs = uncertaintyMs;
  }

  #turn(nowMs: number): void {
    const ageMs = nowMs - this.#bucketStartMs;
    if (ageMs < bucketMs) return;
    // Only the lower bound kept, a way that has become slower would look like a clock that was set.
    const awaitsEcho = Number.isFinite(this.#before.atLeastMs) && !Number.isFinite(this.#now.atLeastMs);
    if (awaitsEcho && ageMs < longestBucketMs) return;
    this.#bucketStartMs = nowMs;
    this.#before = this.#now;
    this.#now = unknown();
  }
}
