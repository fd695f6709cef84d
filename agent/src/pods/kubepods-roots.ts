import type { Logger } from 'pino';
import { cgroupDirectory } from './cgroup-directory.ts';
import { listAnewEvery } from './child-directories.ts';
import { findKubepodsRoots, searchDepth } from './kubepods-tree.ts';
import type { NotReported } from './not-reported.ts';

/** The kubepods directories of a hierarchy: those given, or all that are found. Says once when there are none. */
export class KubepodsRoots {
  /** True when nobody looks for others. */
  readonly areGiven: boolean;
  readonly #hierarchy: string;
  readonly #log: Logger;
  #roots: readonly string[];
  #missing: readonly string[] = [];
  #wasRefused = false;
  #looks = 0;
  #saidNothingFound = false;

  /** @param given paths below the hierarchy's root; empty: look for them */
  constructor(hierarchy: string, given: readonly string[], log: Logger) {
    this.#hierarchy = hierarchy;
    this.#log = log;
    this.#roots = given;
    this.areGiven = given.length > 0;
  }

  /** Whether the last search could not see all: what the next one finds may have been there. */
  get mayHaveMissed(): boolean {
    return this.#wasRefused;
  }

  /** Paths relative to the hierarchy's root; those given also while they do not exist. */
  look(): readonly string[] {
    if (this.areGiven) this.#lookAtGiven();
    else this.#search();
    return this.#roots;
  }

  /** As of the last look. */
  notReported(): readonly NotReported[] {
    if (this.areGiven) {
      return this.#missing.map((path) => ({
        code: 'kubepods-path-missing',
        sentence: `--kubepods-path=${path} does not exist below ${this.#hierarchy}`,
        mend: 'leave the flag out to have kubepods directories looked for',
        cgroupPath: path,
      }));
    }
    if (this.#roots.length > 0) return [];
    const sentence = `no directory named kubepods, kubepods.slice or *-kubepods.slice down to ${searchDepth} levels below ${this.#hierarchy}`;
    return [{ code: 'no-kubepods', sentence, mend: '--kubepods-path names another place' }];
  }

  #lookAtGiven(): void {
    const missing = this.#roots.filter((path) => cgroupDirectory(this.#hierarchy, path) === undefined);
    if (missing.join() !== this.#missing.join()) {
      if (missing.length > 0) {
        this.#log.warn(
          { missing, below: this.#hierarchy },
          '--kubepods-path does not exist: no pods are found there',
        );
      } else this.#log.info({ kubepods: this.#roots }, 'found the pods’ cgroups');
    }
    this.#missing = missing;
  }

  #search(): void {
    if (this.#roots.length === 0 || this.#wasRefused || this.#looks % listAnewEvery === 0) {
      this.#wasRefused = false;
      const found = findKubepodsRoots(this.#hierarchy, () => {
        this.#wasRefused = true;
      });
      // What could not be listed just now has not gone for that.
      this.#roots = this.#wasRefused ? [...new Set([...this.#roots, ...found])] : found;
    }
    this.#looks += 1;
    if (this.#roots.length > 0) {
      if (this.#saidNothingFound) this.#log.info({ kubepods: this.#roots }, 'found the pods’ cgroups');
      this.#saidNothingFound = false;
    } else if (!this.#saidNothingFound) {
      this.#saidNothingFound = true;
      this.#log.warn(
        {
          lookedFor: ['kubepods', 'kubepods.slice', '*-kubepods.slice'],
          below: this.#hierarchy,
          levels: searchDepth,
        },
        'no pods’ cgroups on this machine: only the node itself is reported; --kubepods-path names another place',
      );
    }
  }
}
