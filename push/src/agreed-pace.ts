import type { Directive } from '@tacho/proto';

/** How often to report, and over how long a window to rate. */
export type Pace = Pick<Directive, 'periodUsec' | 'windowUsec'>;

const [shortestUsec, longestUsec] = [1_000_000, 3_600_000_000];
/** The longest --window. What is rated over it is kept of each cgroup, reading by reading. */
const longestWindowUsec = 600_000_000;

/** Whether both can be followed: a period from a second to an hour, and a window that is not much longer. */
export function isPace({ periodUsec, windowUsec }: Pace): boolean {
  const isPeriod = periodUsec >= shortestUsec && periodUsec <= longestUsec;
  return isPeriod && windowUsec >= shortestUsec && windowUsec <= Math.max(longestWindowUsec, periodUsec);
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
