/** What one request has shown. Instants `…Ms` are on the puller's monotonic clock, the others on the kubelet's. */
export interface Exchange {
  readonly askedMs: number;
  /** When the head of the answer was there. */
  readonly answeredMs: number;
  /** The answer's Date header: the kubelet's clock at some instant in between, without its milliseconds. */
  readonly dateMs: number;
}

/** By how much two sound clocks drift apart at most, beyond what NTP lets them. */
const driftPerMs = 500e-6;
/** A Date has whole seconds (RFC 9110 section 5.6.7). */
const dateResolutionMs = 1_000;
/** A clock that was set by less only blurs a rate. */
const leastStepMs = 250;

/**
 * How far a kubelet's clock is from the puller's own. Each Date header bounds the offset to a second and the time of the
 * request; as requests come at all moments of a second, the bounds that they have in common soon are narrow.
 */
export class KubeletClock {
  #leastMs = Number.NEGATIVE_INFINITY;
  #mostMs = Number.POSITIVE_INFINITY;
  #observedMs = 0;

  /** @returns whether the kubelet's clock was set since: its instants before and after cannot be compared */
  observe({ askedMs, answeredMs, dateMs }: Exchange): boolean {
    const least = dateMs - answeredMs;
    const most = dateMs + dateResolutionMs - askedMs;
    const drift = (answeredMs - this.#observedMs) * driftPerMs;
    this.#observedMs = answeredMs;
    const bounds = [Math.max(least, this.#leastMs - drift), Math.min(most, this.#mostMs + drift)] as const;
    if (bounds[0] <= bounds[1]) {
      [this.#leastMs, this.#mostMs] = bounds;
      return false;
    }
    const step = bounds[0] - bounds[1];
    [this.#leastMs, this.#mostMs] = [least, most];
    return step >= leastStepMs;
  }

  /** An instant of the kubelet's clock on the puller's monotonic one, in the middle of what it may be. */
  toMonotonicMs(kubeletMs: number): number {
    return kubeletMs - (this.#leastMs + this.#mostMs) / 2;
  }

  /** Up to this much the middle may be off, in ms. */
  get uncertaintyMs(): number {
    return (this.#mostMs - this.#leastMs) / 2;
  }
}

/** The Date header in ms since 1970; undefined for anything but the form that servers send (RFC 9110 section 5.6.7). */
export function parseDate(header: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(header)) return undefined;
  const ms = Date.parse(header);
  return Number.isNaN(ms) ? undefined : ms;
}
