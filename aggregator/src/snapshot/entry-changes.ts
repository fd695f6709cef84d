import type { LabelSet } from '../api/measured/label-set.ts';
import type { ChangeListener } from '../api/watch/watch-source.ts';
import type { ObjectsListener } from './cluster-objects.ts';
import type { HeldEntry } from './held-entry.ts';

/** Numbers every change of an entry, and tells those who listen. */
export class EntryChanges {
  readonly #wallMs: () => number;
  readonly #listeners = new Set<ChangeListener>();
  #revision = 0;
  #changingLabels: LabelSet | undefined;

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  /** Tells of each change from now on. @returns what ends it */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param claim takes for an object what was reported of it before it was known */
  ofObjects(claim: (entry: HeldEntry) => void): ObjectsListener {
    return {
      changing: (entry) => {
        this.#changingLabels = entry.present ? entry.labels : undefined;
      },
      gone: (entry) => {
        const before = entry.present ? entry.labels : undefined;
        entry.running = false;
        entry.revision = this.nextRevision();
        this.tell(entry, before);
      },
      changed: (entry) => {
        const before = this.#changingLabels;
        this.#changingLabels = undefined;
        entry.revision = this.nextRevision();
        claim(entry);
        this.tell(entry, before);
      },
    };
  }

  tell(entry: HeldEntry, before: LabelSet | undefined): void {
    const after = entry.present ? entry.labels : undefined;
    if (entry.sample === undefined || (before === undefined && after === undefined)) return;
    for (const listener of this.#listeners) listener(entry, before, after, entry.sample);
  }

  /** Grows with every change, and is about the same on every replica: microseconds since the epoch. */
  nextRevision(): number {
    this.#revision = Math.max(this.#revision + 1, Math.floor(this.#wallMs() * 1000));
    return this.#revision;
  }
}
