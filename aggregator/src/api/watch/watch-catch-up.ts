import type { Entry } from '../measured/entry.ts';
import type { WatchSelection } from './watch-selection.ts';
import type { Transition, WatchSource } from './watch-source.ts';

/** A client that is further behind with what it takes is dropped. */
export const longestLagMs = 30_000;
/** The clocks of replicas differ, but not by more: then resourceVersions do not either. */
const overlapUsec = 10_000_000;

/**
 * What came, left or has other labels since a revision, as a selection sees it. What left is to be told first and is
 * looked for in the overlap too, for nothing that follows tells it again; telling it twice does no harm.
 */
export function missedTransitions(
  source: WatchSource,
  selection: WatchSelection,
  revision: number,
): { readonly left: readonly Transition[]; readonly came: readonly Transition[] } {
  const left = new Map<Entry, Transition>();
  const came = new Map<Entry, Transition>();
  for (const transition of source.transitionsSince(revision - overlapUsec)) {
    const { entry, before } = transition;
    if (!selection.covers(entry)) continue;
    const isSelected = source.told(entry) !== undefined && selection.matches(entry.labels);
    if (!isSelected) {
      if (selection.matches(before)) left.set(entry, transition);
    } else if (transition.revision > revision && !came.has(entry)) came.set(entry, transition);
  }
  return { left: [...left.values()], came: [...came.values()] };
}
