/** What the period is stretched to at most: Kubernetes' autoscalers do not want older numbers. */
const longestPeriodMs = 60_000;
/** Of the time that the event loop works, and does not wait. */
const tooBusy = 0.9;
/** Half the period is twice the work: what is calm then is not too busy. */
const calm = 0.4;
/** How long it must be too busy at a stretch: thousands of agents that all come back after a restart are no overload. */
const tooBusyForMs = 30_000;
const calmForMs = 60_000;
/** Before the next step, in new periods: until then it has shown what the last one was good for. */
const settlingPeriods = 2;

/**
 * How often agents are asked to report: every period while this process keeps up; twice as seldom, step by step, while
 * it does not; and back again, step by step, when it has been calm for a while.
 */
export class StretchedPeriod {
  readonly #usualMs: number;
  #periodMs: number;
  #busySinceMs: number | undefined;
  #calmSinceMs: number | undefined;
  #settledMs = Number.NEGATIVE_INFINITY;

  /** @param usualMs what is asked for as long as all is well */
  constructor(usualMs: number) {
    this.#usualMs = usualMs;
    this.#periodMs = usualMs;
  }

  get periodMs(): number {
    return this.#periodMs;
  }

  /**
   * Notes how busy the event loop was since the last time.
   * @param busy 0 to 1
   * @returns whether the period is another one now
   */
  observe(busy: number, nowMs: number): boolean {
    if (nowMs < this.#settledMs) return false;
    this.#busySinceMs = busy >= tooBusy ? (this.#busySinceMs ?? nowMs) : undefined;
    this.#calmSinceMs = busy <= calm ? (this.#calmSinceMs ?? nowMs) : undefined;
    const stretches = nowMs - (this.#busySinceMs ?? nowMs) >= tooBusyForMs;
    const shrinks = nowMs - (this.#calmSinceMs ?? nowMs) >= calmForMs;
    if (!stretches && !shrinks) return false;
    const nextMs = stretches
      ? Math.max(this.#periodMs, Math.min(longestPeriodMs, this.#periodMs * 2))
      : Math.max(this.#usualMs, this.#periodMs / 2);
    if (nextMs === this.#periodMs) return false;
    this.#periodMs = nextMs;
    this.#busySinceMs = undefined;
    this.#calmSinceMs = undefined;
    this.#settledMs = nowMs + settlingPeriods * nextMs;
    return true;
  }
}
