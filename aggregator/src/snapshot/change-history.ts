import type { Entry, Sample } from '../api/measured/entry.ts';
import type { ChangeListener, Transition, WatchSource } from '../api/watch/watch-source.ts';
import type { HeldEntry } from './held-entry.ts';
import type { Snapshot } from './snapshot.ts';

export interface ChangeHistoryBounds {
  /** How many transitions are kept. */
  readonly transitions: number;
  /** How long one is kept. */
  readonly ageMs: number;
}

const usualBounds: ChangeHistoryBounds = { transitions: 10_000, ageMs: 5 * 60_000 };

/**
 * The latest transitions of the snapshot, so that a watch that broke goes on where it ended: an entry that left is
 * nowhere else any more. New samples are not kept; the entries have them.
 */
export class ChangeHistory implements WatchSource {
  readonly #snapshot: Pick<Snapshot, 'listen' | 'revision'>;
  readonly #bounds: ChangeHistoryBounds;
  #transitions: Transition[] = [];
  /** Index of the oldest that is still of use. */
  #first = 0;
  #oldestRevision = Number.POSITIVE_INFINITY;

  constructor(snapshot: Pick<Snapshot, 'listen' | 'revision'>, bounds = usualBounds) {
    this.#snapshot = snapshot;
    this.#bounds = bounds;
    snapshot.listen((entry, before, after, sample) => {
      if (before !== after) this.#keep({ entry, before, sample, revision: entry.revision });
    });
  }

  /**
   * From now on nothing is missed: the snapshot is whole. What left before it was, another replica may have served, and
   * a client that comes from there would never hear of it.
   */
  begin(): void {
    if (this.#oldestRevision === Number.POSITIVE_INFINITY) this.#oldestRevision = this.#snapshot.revision();
  }

  listen(listener: ChangeListener): () => void {
    return this.#snapshot.listen(listener);
  }

  told(entry: Entry): Sample | undefined {
    // Every entry that a reader has is one of the snapshot's.
    const held = entry as HeldEntry;
    return held.present ? held.sample : undefined;
  }

  transitionsSince(revision: number): readonly Transition[] {
    return this.#transitions.slice(this.#first).filter((transition) => transition.revision > revision);
  }

  oldestRevision(): number {
    return this.#oldestRevision;
  }

  #keep(transition: Transition): void {
    this.#transitions.push(transition);
    const oldest = transition.revision - this.#bounds.ageMs * 1000;
    const most = this.#bounds.transitions;
    for (
      let first = this.#transitions[this.#first];
      first !== undefined && (this.#transitions.length - this.#first > most || first.revision < oldest);
      first = this.#transitions[this.#first]
    ) {
      // While nothing is known for certain it stays infinite.
      if (this.#oldestRevision < first.revision) this.#oldestRevision = first.revision;
      this.#first += 1;
    }
    // Not for each one: moving ten thousand costs more than keeping as many.
    if (this.#first < most) return;
    this.#transitions = this.#transitions.slice(this.#first);
    this.#first = 0;
  }
}
