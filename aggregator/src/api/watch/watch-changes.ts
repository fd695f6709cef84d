import type { Entry, Sample } from '../measured/entry.ts';
import type { LabelSet } from '../measured/label-set.ts';
import type { ChangeType } from './watch-event.ts';
import type { WatchSelection } from './watch-selection.ts';
import type { ChangeListener } from './watch-source.ts';

/** What a client has not been told yet of one entry, however often it changed since. */
interface PendingChange {
  readonly before: LabelSet | undefined;
  after: LabelSet | undefined;
  sample: Sample;
  /** Of the first change. */
  readonly revision: number;
  readonly sinceMs: number;
}

/** An event before it is encoded. */
export interface ChangeEvent {
  readonly type: ChangeType;
  readonly entry: Entry;
  readonly sample: Sample;
}

/** Who is told when there is something to deliver. */
export interface ChangesObserver {
  /** How many entries are pending has changed by so much. */
  readonly grown: (count: number) => void;
}

/**
 * What a client is still to be told, in the order of first changes: memory for each entry once, whatever the client's
 * pace. Several changes of an entry are told as the last one of them. What leaves comes first: a client that goes on from
 * the resourceVersion of its last event would never hear of it otherwise, while all others report again soon.
 */
export class WatchChanges {
  readonly #selection: WatchSelection;
  readonly #monotonicMs: () => number;
  readonly #observer: ChangesObserver;
  readonly #pending = new Map<Entry, PendingChange>();
  /** Those among them whose event is DELETED. */
  readonly #leaving = new Set<Entry>();

  constructor(selection: WatchSelection, monotonicMs: () => number, observer: ChangesObserver) {
    this.#selection = selection;
    this.#monotonicMs = monotonicMs;
    this.#observer = observer;
  }

  get size(): number {
    return this.#pending.size;
  }

  has(entry: Entry): boolean {
    return this.#pending.has(entry);
  }

  /** The revision of the first change that is not told yet. */
  get oldestRevision(): number | undefined {
    return this.#pending.values().next().value?.revision;
  }

  /** By the monotonic clock, when the oldest change that is not told yet came. */
  get oldestMs(): number | undefined {
    return this.#pending.values().next().value?.sinceMs;
  }

  /** Called for every change of the cluster, 30,000 times a second in a large one. */
  readonly note: ChangeListener = (entry, before, after, sample) => {
    const known = this.#pending.get(entry);
    if (known === undefined) this.add(entry, entry.revision, before, after, sample);
    else {
      known.after = after;
      known.sample = sample;
      this.#sort(entry, known);
    }
  };

  /** Something that became of an entry which is not pending. */
  add(
    entry: Entry,
    revision: number,
    before: LabelSet | undefined,
    after: LabelSet | undefined,
    sample: Sample,
  ): void {
    const selection = this.#selection;
    if (!selection.covers(entry) || !(selection.matches(before) || selection.matches(after))) return;
    const change = { before, after, sample, revision, sinceMs: this.#monotonicMs() };
    this.#pending.set(entry, change);
    this.#sort(entry, change);
    this.#observer.grown(1);
  }

  /** Nothing is to be told of an entry any more. */
  forget(entry: Entry): void {
    this.#leaving.delete(entry);
    if (this.#pending.delete(entry)) this.#observer.grown(-1);
  }

  clear(): void {
    const { size } = this.#pending;
    this.#pending.clear();
    this.#leaving.clear();
    if (size > 0) this.#observer.grown(-size);
  }

  /** The events of all that is pending now; undefined where what became of an entry is nothing to the client. */
  *take(): Generator<ChangeEvent | undefined> {
    let left = this.#pending.size;
    for (const entry of this.#pending.keys()) {
      for (const leaving of this.#leaving) yield this.#event(leaving);
      if (left === 0) return;
      left -= 1;
      yield this.#event(entry);
    }
  }

  #event(entry: Entry): ChangeEvent | undefined {
    const change = this.#pending.get(entry);
    if (change === undefined) return undefined;
    this.forget(entry);
    const { before, after, sample } = change;
    const type = changeType(this.#selection.matches(before), this.#selection.matches(after));
    return type === undefined ? undefined : { type, entry, sample };
  }

  #sort(entry: Entry, { before, after }: PendingChange): void {
    if (this.#selection.matches(after)) {
      if (this.#leaving.size > 0) this.#leaving.delete(entry);
    } else if (this.#selection.matches(before)) this.#leaving.add(entry);
  }
}

function changeType(wasSelected: boolean, isSelected: boolean): ChangeType | undefined {
  if (wasSelected) return isSelected ? 'MODIFIED' : 'DELETED';
  return isSelected ? 'ADDED' : undefined;
}
