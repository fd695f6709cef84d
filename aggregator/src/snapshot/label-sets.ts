import type { Entry } from '../api/measured/entry.ts';
import { LabelSet } from '../api/measured/label-set.ts';

const none: ReadonlySet<LabelSet> = new Set();

type Labels = Readonly<Record<string, string>>;

/** Keeps equal labels as one object, with the entries that have them; forgets them with the last one. */
export class LabelSets {
  readonly #byText = new Map<string, LabelSet>();
  readonly #entries = new Map<LabelSet, Set<Entry>>();
  readonly #byKey = new Map<string, Set<LabelSet>>();

  /** The one object for these labels. */
  intern(labels: Labels): LabelSet {
    const text = textOf(labels);
    let set = this.#byText.get(text);
    if (set === undefined) {
      set = new LabelSet(labels);
      this.#byText.set(text, set);
      this.#entries.set(set, new Set());
      for (const key of Object.keys(labels)) {
        const having = this.#byKey.get(key);
        if (having === undefined) this.#byKey.set(key, new Set([set]));
        else having.add(set);
      }
    }
    return set;
  }

  /** Notes that the entry has the labels that it has; they are interned ones, and not forgotten since. */
  add(entry: Entry): void {
    const entries = this.#entries.get(entry.labels);
    if (entries === undefined) throw new Error(`labels of ${entry.namespace}/${entry.name} are not interned`);
    entries.add(entry);
  }

  /** Notes that the entry has these labels no more. */
  delete(entry: Entry, labels: LabelSet): void {
    const entries = this.#entries.get(labels);
    if (entries === undefined) return;
    entries.delete(entry);
    if (entries.size > 0) return;
    this.#entries.delete(labels);
    this.#byText.delete(textOf(labels.labels));
    for (const key of Object.keys(labels.labels)) {
      const having = this.#byKey.get(key);
      having?.delete(labels);
      if (having?.size === 0) this.#byKey.delete(key);
    }
  }

  /** Each set with those who have it; of sets that lack one of the keys only some, if any. */
  withKeys(keys: readonly string[]): Iterable<readonly [LabelSet, Iterable<Entry>]> {
    let fewest: ReadonlySet<LabelSet> | undefined;
    for (const key of keys) {
      const having = this.#byKey.get(key) ?? none;
      if (fewest === undefined || having.size < fewest.size) fewest = having;
    }
    return fewest === undefined ? this.#entries : this.#withEntries(fewest);
  }

  *#withEntries(sets: Iterable<LabelSet>): Generator<readonly [LabelSet, Iterable<Entry>]> {
    for (const set of sets) yield [set, this.#entries.get(set) ?? []];
  }
}

/** The API server sorts the keys of a map, so equal labels are nearly always equal texts, and it does no harm when not. */
function textOf(labels: Labels): string {
  return JSON.stringify(labels);
}
