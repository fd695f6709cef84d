/** How many requests of each kind there may be at once. */
export interface InFlightLimits {
  readonly reading: number;
  readonly mutating: number;
}

type Kind = keyof InFlightLimits;

const watermarkMs = 1_000;

/** Counts requests from their head to the end of their answer, so that a flood is turned away instead of queued. */
export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #monotonicMs: () => number;
  readonly #now: Record<Kind, number> = { reading: 0, mutating: 0 };
  #peaks: Record<Kind, number> = { reading: 0, mutating: 0 };
  #lastPeaks: Record<Kind, number> = { reading: 0, mutating: 0 };
  #sinceMs: number;

  constructor(limits: InFlightLimits, monotonicMs: () => number) {
    this.#limits = limits;
    this.#monotonicMs = monotonicMs;
    this.#sinceMs = monotonicMs();
  }

  /** How many there are, where one more would be too many. */
  crowd(kind: Kind): number | undefined {
    return this.#now[kind] >= this.#limits[kind] ? this.#now[kind] : undefined;
  }

  /** @returns what to call, once, when it has been answered */
  enter(kind: Kind): () => void {
    this.#turn();
    this.#now[kind] += 1;
    this.#peaks[kind] = Math.max(this.#peaks[kind], this.#now[kind]);
    return () => {
      this.#turn();
      this.#now[kind] -= 1;
    };
  }

  /** The most at once in the second that is running or the one before: a burst between two looks is seen. */
  peaks(): Readonly<Record<Kind, number>> {
    this.#turn();
    const [before, now] = [this.#lastPeaks, this.#peaks];
    return {
      reading: Math.max(before.reading, now.reading),
      mutating: Math.max(before.mutating, now.mutating),
    };
  }

  #turn(): void {
    const nowMs = this.#monotonicMs();
    const passedMs = nowMs - this.#sinceMs;
    if (passedMs < watermarkMs) return;
    this.#lastPeaks = passedMs < 2 * watermarkMs ? this.#peaks : { ...this.#now };
    this.#peaks = { ...this.#now };
    this.#sinceMs = nowMs;
  }
}
