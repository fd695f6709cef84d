/**
 * The shortest time of some tries, and no more tries than it takes to reach the goal: on a busy machine one of them may be
 * held up by something else.
 */
export async function shortestOf(
  tries: number,
  tookMs: () => Promise<number>,
  goalMs: number,
): Promise<number> {
  let shortestMs = Number.POSITIVE_INFINITY;
  for (let made = 0; made < tries && shortestMs > goalMs; made += 1)
    shortestMs = Math.min(shortestMs, await tookMs());
  return shortestMs;
}
