import type { Usage } from '@tacho/proto';
import type { Reading } from '../exposition/reading.ts';

/** Samples farther apart are not joined: an average over that long says nothing of the present. */
export const longestWindowMs = 120_000;
/** A container that started so long before its first sample is still rated from its start: its counter began there. */
const youngMs = 60_000;
/** Less would tell more of the scheduler than of the container. */
const leastWindowMs = 400;

/** Why there is no rate yet. */
export type Gap = 'incomplete' | 'first' | 'reset' | 'too young' | 'paused' | 'from the future';

/** A usage and when it was sampled, on the puller's monotonic clock. */
export interface RatedUsage {
  readonly usage: Usage;
  readonly sampledMs: number;
}

interface Point {
  readonly atMs: number;
  readonly cpuSeconds: number;
}

/**
 * The CPU counter of the node or of one container as a kubelet shows it: a rate from the last two samples that cAdvisor
 * took, by the instants at which it took them. It samples each 10 to 20 s, so one pull may show the sample of the one before.
 */
export class CounterRate {
  #last: Point | undefined;
  #rated: RatedUsage | undefined;
  #gap: Gap = 'first';
  #isIncomplete = false;

  /** The rate of the last sample, or why there is none. */
  get rated(): RatedUsage | Gap {
    return this.#isIncomplete ? 'incomplete' : (this.#rated ?? this.#gap);
  }

  /**
   * Takes what a pull shows.
   * @param toMonotonicMs an instant of the kubelet's clock on the puller's
   * @param nowMs when the answer came: nothing was sampled later
   * @returns whether there is a rate of another sample than the last one
   */
  take(reading: Reading, toMonotonicMs: (kubeletMs: number) => number, nowMs: number): boolean {
    const { cpuAtMs, cpuSeconds, flaw, memoryBytes, swapBytes } = reading;
    // What was rated before is so again once the same sample is shown whole.
    this.#isIncomplete = true;
    if (cpuAtMs === undefined || cpuSeconds === undefined) return false;
    if (memoryBytes === undefined || flaw !== undefined) return false;
    this.#isIncomplete = false;
    if (cpuAtMs === this.#last?.atMs && cpuSeconds === this.#last.cpuSeconds) return false;
    const sampledMs = toMonotonicMs(cpuAtMs);
    // By the kubelet's own Date, up to which its offset is known.
    if (sampledMs > nowMs + 1_000) return this.#none('from the future');
    const base = this.#base(reading, cpuAtMs, cpuSeconds);
    this.#last = { atMs: cpuAtMs, cpuSeconds };
    if (typeof base === 'string') return this.#none(base);
    const windowMs = cpuAtMs - base.atMs;
    const cpuNanocores = Math.floor(((cpuSeconds - base.cpuSeconds) * 1e12) / windowMs);
    if (!Number.isSafeInteger(cpuNanocores)) return this.#none('reset');
    const usage = {
      cpuNanocores,
      memoryWorkingSetBytes: memoryBytes,
      ...(swapBytes === undefined ? {} : { swapBytes }),
      windowUsec: Math.round(windowMs * 1_000),
    };
    this.#rated = { usage, sampledMs: Math.min(nowMs, sampledMs) };
    return true;
  }

  /** The kubelet's clock was set: what comes next cannot be compared with what was. */
  beginAnew(): void {
    this.#last = undefined;
  }

  #none(why: Gap): false {
    this.#rated = undefined;
    this.#gap = why;
    return false;
  }

  /** From where the counter is counted. */
  #base({ startedAtMs }: Reading, atMs: number, cpuSeconds: number): Point | Gap {
    const last = this.#last;
    // Restarted since, or young when it was first seen: its counter began at zero.
    const sinceMs = last === undefined ? atMs - youngMs : Math.max(last.atMs, atMs - longestWindowMs);
    if (startedAtMs !== undefined && startedAtMs > sinceMs) {
      const isYoung = atMs - startedAtMs < leastWindowMs;
      return isYoung ? 'too young' : { atMs: startedAtMs, cpuSeconds: 0 };
    }
    if (last === undefined) return 'first';
    if (cpuSeconds < last.cpuSeconds) return 'reset';
    // Earlier, or much later, than the last one.
    if (atMs - last.atMs < leastWindowMs || atMs - last.atMs > longestWindowMs) return 'paused';
    return last;
  }
}
