import { byNamespaceAndName } from '../api/selectors/selection.ts';
import type { HeldEntry } from './held-entry.ts';

/**
 * Entries by namespace and name, and in that order. A run that was handed out is never written to, so that a list may
 * take its time while pods come and go: a change makes a new one, and only of that namespace.
 */
export class SortedRuns {
  readonly #namespaces = new Map<string, Map<string, HeldEntry>>();
  readonly #runs = new Map<string, readonly HeldEntry[]>();
  #sortedNamespaces: readonly string[] | undefined;

  get(namespace: string, name: string): HeldEntry | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  *all(): Iterable<HeldEntry> {
    for (const entries of this.#namespaces.values()) yield* entries.values();
  }

  /** One run for each namespace, in order. */
  runs(): readonly (readonly HeldEntry[])[] {
    this.#sortedNamespaces ??= [...this.#namespaces.keys()].sort();
    return this.#sortedNamespaces.map((namespace) => this.run(namespace));
  }

  /** The entries of a namespace; empty where there are none. */
  run(namespace: string): readonly HeldEntry[] {
    let run = this.#runs.get(namespace);
    if (run === undefined) {
      run = [...(this.#namespaces.get(namespace)?.values() ?? [])].sort(byNamespaceAndName);
      if (run.length > 0) this.#runs.set(namespace, run);
    }
    return run;
  }

  /** @param sorted whether runs that are there are kept in order at once: for many entries it is cheaper to do it later */
  add(entry: HeldEntry, sorted: boolean): void {
    const { namespace, name } = entry;
    let entries = this.#namespaces.get(namespace);
    if (entries === undefined) {
      entries = new Map();
      this.#namespaces.set(namespace, entries);
      this.#sortedNamespaces = undefined;
    }
    entries.set(name, entry);
    const run = this.#runs.get(namespace);
    if (run === undefined) return;
    if (sorted) this.#runs.set(namespace, run.toSpliced(placeOf(run, entry), 0, entry));
    else this.#runs.delete(namespace);
  }

  /** @param sorted as of add() */
  delete(entry: HeldEntry, sorted: boolean): void {
    const { namespace, name } = entry;
    const entries = this.#namespaces.get(namespace);
    if (entries?.get(name) !== entry) return;
    entries.delete(name);
    if (entries.size === 0) {
      this.#namespaces.delete(namespace);
      this.#runs.delete(namespace);
      this.#sortedNamespaces = undefined;
      return;
    }
    const run = this.#runs.get(namespace);
    if (run === undefined) return;
    if (sorted) this.#runs.set(namespace, run.toSpliced(placeOf(run, entry), 1));
    else this.#runs.delete(namespace);
  }
}

/** Where the entry is, or belongs. */
function placeOf(run: readonly HeldEntry[], entry: HeldEntry): number {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = run[middle];
    if (other !== undefined && byNamespaceAndName(other, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
