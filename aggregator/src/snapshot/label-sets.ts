import type { Entry } from '../api/entry.ts';
import { LabelSet } from '../api/label-set.ts';

type Labels = Readonly<Record<string, string>>;

/** Keeps equal labels as one object, with the entries that have them; forgets them with the last one. */
export class LabelSets {
  readonly #byText = new Map<string, LabelSet>();
  readonly #entries = new Map<LabelSet, Set<Entry>>();

  /** The one object for these labels. */
  intern(labels: Labels): LabelSet {
    const text = textOf(labels);
    let set = this.#byText.get(text);
    if (set === undefined) {
      set = new LabelSet(labels);
      this.#byText.set(text, set);
      this.#entries.set(set, new Set());
    }
    return set;
  }

  /** Notes that the entry has the labels that it has. */
  add(entry: Entry): void {
    this.#entries.get(entry.labels)?.add(entry);
  }

  /** Notes that the entry has these labels no more. */
  delete(entry: Entry, labels: LabelSet): void {
    const entries = this.#entries.get(labels);
    if (entries === undefined) return;
    entries.delete(entry);
    if (entries.size > 0) return;
    this.#entries.delete(labels);
    this.#byText.delete(textOf(labels.labels));
  }

  /** Each set with those who have it. */
  all(): Iterable<readonly [LabelSet, Iterable<Entry>]> {
    return this.#entries;
  }
}

/** The API server sorts the keys of a map, so equal labels are nearly always equal texts, and it does no harm when not. */
function textOf(labels: Labels): string {
  return JSON.stringify(labels);
}
