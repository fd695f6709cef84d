import type { Directive } from '@tacho/proto';

/** How often to report, and over how long a window to rate. */
export type Pace = Pick<Directive, 'periodUsec' | 'windowUsec'>;

/** Whether both can be followed: from a second to an hour. */
export function isPace({ periodUsec, windowUsec }: Pace): boolean {
  return [periodUsec, windowUsec].every(
    (usec) => Number.isFinite(usec) && usec >= 1_000_000 && usec <= 3_600_000_000,
  );
}

/**
 * What to follow where replicas ask for different things: the longest of each. So one that has too much to do is
 * relieved, whatever the others say.
 * @returns undefined where nobody asks for what can be followed
 */
export function agreedPace(asked: readonly Pace[]): Pace | undefined {
  const sound = asked.filter(isPace);
  if (sound.length === 0) return undefined;
  const periodUsec = Math.max(...sound.map((each) => each.periodUsec));
  return { periodUsec, windowUsec: Math.max(periodUsec, ...sound.map((each) => each.windowUsec)) };
}
