/** When a connection is asked for a sign of life. */
export interface Keepalive {
  /** After so much silence. */
  readonly idleMs: number;
  /** And how long the peer has for it. */
  readonly answerMs: number;
}

const shortestPeriodMs = 1_000;
const longestPeriodMs = 5_000;
/** A peer that is half a second away has a sign of life back after a second, when all goes well. */
const shortestAnswerMs = 1_500;

/** A dead peer is found within two periods, at least two seconds and at most ten. */
export function keepaliveAt(periodUsec: number): Keepalive {
  const periodMs = Math.min(longestPeriodMs, Math.max(shortestPeriodMs, Math.round(periodUsec / 1_000)));
  const answerMs = Math.max(shortestAnswerMs, periodMs);
  return { idleMs: 2 * periodMs - answerMs, answerMs };
}

/** Whether one finds a dead peer sooner than the other. */
export function isSooner(one: Keepalive, other: Keepalive): boolean {
  return one.idleMs + one.answerMs < other.idleMs + other.answerMs;
}
