/** What the ticks came to, and who wants to know of each. Instants are on the monotonic clock. */
export class TickRecord {
  readonly #monotonicUsec: () => number;
  readonly #listeners = new Set<() => void>();
  ticks = 0;
  reports = 0;
  /** Pods that the last tick had to leave out. */
  leftOut = 0;
  /** Of all ticks together. */
  tookUsec = 0;
  lastBeganUsec: number | undefined;

  constructor(monotonicUsec: () => number) {
    this.#monotonicUsec = monotonicUsec;
  }

  begin(): void {
    this.lastBeganUsec = this.#monotonicUsec();
  }

  /** @param isReported whether a report was handed to the streams */
  end(leftOut: number, isReported: boolean): void {
    this.ticks += 1;
    if (isReported) this.reports += 1;
    this.leftOut = leftOut;
    this.tookUsec += this.#monotonicUsec() - (this.lastBeganUsec ?? 0);
    for (const listener of this.#listeners) listener();
  }

  /** Calls the listener after each tick, which it must not hold up. @returns what ends that */
  onTick(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
