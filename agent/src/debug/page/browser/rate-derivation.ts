import type { CounterPoint } from '../../counter-points.ts';
import type { RateState } from '../../debug-state.ts';
import { clockWords, countWords, cpuWords, durationWords } from './number-words.ts';

/** How a rate follows from two readings. */
export interface RateDerivation {
  /** Left out where the rate counts from the container's start, where the counter was 0. */
  readonly from?: CounterPoint;
  readonly to: CounterPoint;
  /** What was counted between the two, in µs of CPU time. */
  readonly countedUsec: number;
  readonly windowUsec: number;
  readonly cpuNanocores: number;
}

/** Times on the page are whole milliseconds, and each is rounded. */
const sameMs = 3;

/**
 * Finds the reading that the agent has rated from: the one that is a window older than the newest.
 * @returns undefined where there is no rate, or its first reading is no longer kept
 */
export function rateDerivation(
  counters: readonly CounterPoint[],
  rate: RateState | undefined,
): RateDerivation | undefined {
  const to = counters.at(-1);
  if (rate === undefined || to?.cpuUsageUsec === undefined) return undefined;
  const { cpuNanocores, windowUsec } = rate;
  const fromMs = Date.parse(to.at) - windowUsec / 1000;
  const from = counters.find(({ at }) => Math.abs(Date.parse(at) - fromMs) <= sameMs);
  const derived = { to, windowUsec, cpuNanocores };
  if (from?.cpuUsageUsec !== undefined) {
    return { ...derived, from, countedUsec: to.cpuUsageUsec - from.cpuUsageUsec };
  }
  // Older than everything that is kept, and all that was counted fits the rate: it counts from the start.
  const first = counters[0];
  const fitsStart = Math.abs(to.cpuUsageUsec - (cpuNanocores / 1e9) * windowUsec) <= 1 + windowUsec / 1e9;
  const isOlder = first !== undefined && fromMs < Date.parse(first.at);
  return isOlder && fitsStart ? { ...derived, countedUsec: to.cpuUsageUsec } : undefined;
}

/** The second step in words: the two readings of the counter. */
export function counterWords(
  counters: readonly CounterPoint[],
  derivation: RateDerivation | undefined,
): string {
  const to = counters.at(-1);
  if (to === undefined) return 'No reading is kept yet.';
  if (to.cpuUsageUsec === undefined) return `At ${clockWords(to.at)} the kernel gave no CPU time.`;
  const newest = `${countWords(to.cpuUsageUsec)} µs at ${clockWords(to.at)}`;
  if (derivation === undefined) return newest;
  const { from } = derivation;
  const oldest =
    from === undefined
      ? '0 µs at its start'
      : `${countWords(from.cpuUsageUsec)} µs at ${clockWords(from.at)}`;
  return `${oldest} → ${newest}`;
}

/** The third step in words: the division. */
export function rateWords(rate: RateState | undefined, derivation: RateDerivation | undefined): string {
  if (rate === undefined) return 'No rate.';
  const result = `${cpuWords(rate.cpuNanocores)} over a window of ${durationWords(rate.windowUsec)}`;
  if (derivation === undefined) return `${result}; its first reading is no longer kept`;
  return `${countWords(roundTo3(derivation.countedUsec))} µs ÷ ${durationWords(rate.windowUsec)} = ${result}`;
}

function roundTo3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
