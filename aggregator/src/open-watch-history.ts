import type { Sample } from './api/measured/entry.ts';
import { Watches } from './api/watch/watches.ts';
import { ChangeHistory } from './snapshot/change-history.ts';
import type { Snapshot } from './snapshot/snapshot.ts';

/** What watches read, and who is told of them. */
export interface WatchedParts {
  readonly snapshot: Snapshot;
  readonly served: (sample: Sample) => void;
  /** Of each watch that is refused because there are too many. */
  readonly refused: () => void;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  /** Whether the snapshot holds all that another replica may hold. */
  readonly isWhole: () => boolean;
}

/** The watches of clients, with the history that lets them go on where they ended. */
export interface WatchHistory {
  readonly watches: Watches;
  /** As `isWhole`; the history begins when it first holds, so this is to be asked before clients are sent here. */
  readonly isWhole: () => boolean;
}

/** Joins watches with the snapshot and with timers. */
export function openWatchHistory({ snapshot, isWhole, ...others }: WatchedParts): WatchHistory {
  const source = new ChangeHistory(snapshot);
  return {
    watches: new Watches({
      ...others,
      source,
      reader: snapshot,
      after(ms, callback) {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    }),
    isWhole() {
      const whole = isWhole();
      if (whole) source.begin();
      return whole;
    },
  };
}
