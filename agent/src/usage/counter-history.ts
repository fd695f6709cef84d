/** CPU used per second of wall time, over the window that the two counters really span. */
export interface CpuRate {
  readonly cpuNanocores: number;
  readonly windowUsec: number;
}

/**
 * Why there is no rate yet: `first` only one reading is there, `too-close` what is there spans too little time,
 * `reset` the counter went back and counting began anew.
 */
export type Gap = 'first' | 'too-close' | 'reset';

/** Each reading takes three doubles: instant in µs, whole seconds of CPU, nanoseconds of the second. */
const stride = 3;

/**
 * The readings of one cgroup's CPU counter that the sliding window needs, and no more.
 *
 * The counter stays split as the kernel files gave it, so that a difference is exact although the counter in
 * nanoseconds has long passed 2^53. Adding a reading makes no garbage once the ring has its size.
 */
export class CounterHistory {
  #ring = new Float64Array(4 * stride);
  #first = 0;
  #length = 0;
  #reset = false;

  /** How many readings are kept. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds a reading.
   * @param windowUsec readings that a window of this length no longer needs are dropped.
   * @returns false when the instant is not later than the last one: the reading is then not used.
   */
  add(instantUsec: number, seconds: number, nanoseconds: number, windowUsec: number): boolean {
    if (this.#length > 0) {
      const last = this.#at(this.#length - 1);
      if (instantUsec <= this.#instant(last)) return false;
      if (this.#elapsedNsec(last, seconds, nanoseconds) < 0) {
        this.#length = 0;
        this.#reset = true;
      }
    }
    while (this.#length >= 2 && instantUsec - this.#instant(this.#at(1)) >= windowUsec) {
      this.#first = (this.#first + 1) % (this.#ring.length / stride);
      this.#length -= 1;
    }
    if (this.#length * stride === this.#ring.length) this.#grow();
    const slot = this.#at(this.#length);
    this.#ring[slot] = instantUsec;
    this.#ring[slot + 1] = seconds;
    this.#ring[slot + 2] = nanoseconds;
    this.#length += 1;
    return true;
  }

  /**
   * The rate from the reading whose age is nearest to the window up to the newest one. Nearest, not "at least":
   * ticks come a little early or late, and a window of 10 s must not become one of 15 s for a millisecond.
   */
  rate(windowUsec: number, minWindowUsec: number): CpuRate | Gap {
    if (this.#length < 2) return this.#reset ? 'reset' : 'first';
    const last = this.#at(this.#length - 1);
    const lastInstantUsec = this.#instant(last);
    let base = this.#at(0);
    for (let index = 1; index < this.#length - 1; index += 1) {
      const candidate = this.#at(index);
      const distance = Math.abs(lastInstantUsec - this.#instant(candidate) - windowUsec);
      if (distance <= Math.abs(lastInstantUsec - this.#instant(base) - windowUsec)) base = candidate;
    }
    const coveredUsec = lastInstantUsec - this.#instant(base);
    if (coveredUsec < minWindowUsec) return 'too-close';
    const usedNsec = this.#elapsedNsec(
      base,
      this.#ring[last + 1] ?? Number.NaN,
      this.#ring[last + 2] ?? Number.NaN,
    );
    return { cpuNanocores: Math.floor((usedNsec * 1e6) / coveredUsec), windowUsec: Math.round(coveredUsec) };
  }

  #at(index: number): number {
    return ((this.#first + index) * stride) % this.#ring.length;
  }

  #instant(slot: number): number {
    return this.#ring[slot] ?? Number.NaN;
  }

  #elapsedNsec(slot: number, seconds: number, nanoseconds: number): number {
    const secondsBefore = this.#ring[slot + 1] ?? Number.NaN;
    const nanosecondsBefore = this.#ring[slot + 2] ?? Number.NaN;
    return (seconds - secondsBefore) * 1e9 + (nanoseconds - nanosecondsBefore);
  }

  #grow(): void {
    const larger = new Float64Array(this.#ring.length * 2);
    for (let index = 0; index < this.#length; index += 1) {
      const slot = this.#at(index);
      larger.set(this.#ring.subarray(slot, slot + stride), index * stride);
    }
    this.#ring = larger;
    this.#first = 0;
  }
}
