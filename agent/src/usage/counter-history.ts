import { RecordRing } from './record-ring.ts';

/** CPU used per second of wall time, over the window that the two counters really span. */
export interface CpuRate {
  readonly cpuNanocores: number;
  readonly windowUsec: number;
}

/**
 * Why there is no rate yet: `first` only one reading is there, `too-close` what is there spans too little time,
 * `reset` the counter went back and counting began anew, `paused` so did counting after a long time without a reading.
 */
export type Gap = (typeof gaps)[number];
const gaps = ['first', 'too-close', 'reset', 'paused'] as const;

/** Whether a value is missing for that, and not because the kernel's files lack it: the next readings make it. */
export const isGap = (why: string): why is Gap => (gaps as readonly string[]).includes(why);

/**
 * Readings farther apart than this many windows are not joined: the process was stopped, the virtual machine was, or the
 * kernel refused for long. An average over all that time says nothing of the present. A machine that was suspended leaves no
 * gap at all: neither its counters nor its monotonic clock go on meanwhile.
 */
const mostWindows = 3;

const instantUsecField = 0;
const secondsField = 1;
const nanosecondsField = 2;

/**
 * The readings of one cgroup's CPU counter that the sliding window needs, and no more.
 *
 * The counter stays split as the kernel files gave it, so that a difference is exact although the counter in
 * nanoseconds has long passed 2^53. Adding a reading makes no garbage once the ring has its size.
 */
export class CounterHistory {
  readonly #ring = new RecordRing(3);
  /** Why there is no rate while there is one reading. */
  #begun: Gap = 'first';
  #windowUsec = 0;

  /** How many readings are kept. */
  get length(): number {
    return this.#ring.length;
  }

  /**
   * Adds a reading.
   * @param windowUsec readings that a window of this length no longer needs are dropped.
   * @returns false when the instant is not later than the last one: the reading is then not used.
   */
  add(instantUsec: number, seconds: number, nanoseconds: number, windowUsec: number): boolean {
    const ring = this.#ring;
    if (ring.length > 0) {
      const last = ring.length - 1;
      if (instantUsec <= ring.get(last, instantUsecField)) return false;
      // Where the window was changed, the readings so far were made for the old one.
      const widestUsec = Math.max(windowUsec, this.#windowUsec) * mostWindows;
      if (instantUsec - ring.get(last, instantUsecField) > widestUsec) this.#begin('paused');
      else if (this.#elapsedNsec(last, seconds, nanoseconds) < 0) this.#begin('reset');
    }
    this.#windowUsec = windowUsec;
    while (ring.length >= 2 && instantUsec - ring.get(1, instantUsecField) >= windowUsec) ring.dropOldest();
    const added = ring.append();
    ring.set(added, instantUsecField, instantUsec);
    ring.set(added, secondsField, seconds);
    ring.set(added, nanosecondsField, nanoseconds);
    return true;
  }

  /**
   * The rate from the reading whose age is nearest to the window up to the newest one. Nearest, not "at least":
   * ticks come a little early or late, and a window of 10 s must not become one of 15 s for a millisecond.
   */
  rate(windowUsec: number, minWindowUsec: number): CpuRate | Gap {
    const ring = this.#ring;
    if (ring.length < 2) return this.#begun;
    const last = ring.length - 1;
    const lastInstantUsec = ring.get(last, instantUsecField);
    let base = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < last; index += 1) {
      const distance = Math.abs(lastInstantUsec - ring.get(index, instantUsecField) - windowUsec);
      if (distance > least) break;
      base = index;
      least = distance;
    }
    const coveredUsec = lastInstantUsec - ring.get(base, instantUsecField);
    if (coveredUsec < minWindowUsec) return 'too-close';
    const usedNsec = this.#elapsedNsec(base, ring.get(last, secondsField), ring.get(last, nanosecondsField));
    return { cpuNanocores: Math.floor((usedNsec * 1e6) / coveredUsec), windowUsec: Math.round(coveredUsec) };
  }

  #begin(why: Gap): void {
    this.#ring.clear();
    this.#begun = why;
  }

  #elapsedNsec(index: number, seconds: number, nanoseconds: number): number {
    const ring = this.#ring;
    return (
      (seconds - ring.get(index, secondsField)) * 1e9 + (nanoseconds - ring.get(index, nanosecondsField))
    );
  }
}
