const firstDelayMs = 100;
const longestDelayMs = 1_000;

/**
 * How long to wait before the next attempt: doubles from 100 ms to 1 s, with the upper half random, so that
 * agents that lost the same replica do not all come back in the same instant.
 * @param failures attempts that failed in a row, at least 1
 * @param random a number in [0, 1)
 */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** (Math.max(1, failures) - 1));
  return ceiling / 2 + (ceiling / 2) * random;
}
