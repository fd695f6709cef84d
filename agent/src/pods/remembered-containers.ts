import type { ContainerCgroup } from './kubepods-tree.ts';

/** Lists containers. @param refused to be called where a directory could not be listed just now */
export type ContainerListing = (refused: () => void) => readonly ContainerCgroup[];

/**
 * Containers that are listed anew each time, and stay where a listing was refused: a container that was only not seen must not
 * pass for one that has just come, whose counter began at zero a moment ago.
 */
export class RememberedContainers {
  #known: ReadonlyMap<string, ContainerCgroup> = new Map();
  #wasRefused = false;

  look(listing: ContainerListing): readonly ContainerCgroup[] {
    let isRefused = false;
    const listed = listing(() => {
      isRefused = true;
    });
    const now = new Map(isRefused ? this.#known : []);
    for (const each of listed) {
      const anew = this.#wasRefused ? { ...each, foundLate: true as const } : each;
      now.set(each.path, this.#known.get(each.path) ?? anew);
    }
    this.#wasRefused = isRefused;
    this.#known = now;
    return [...now.values()];
  }
}
