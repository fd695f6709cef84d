import { cgroupDirectory } from './cgroup-directory.ts';
import { childDirectoriesIfReadable } from './child-directories.ts';

interface Known {
  readonly links: number;
  readonly children: readonly string[];
}

/**
 * What lies in the directories of a hierarchy, remembered: listing a cgroup goes through all of its kernel files, 60 and
 * more, which took as long as reading the containers. Instead a directory is asked for its number of links, which is two
 * and one for each directory in it. A directory that was replaced by another one meanwhile is not noticed by that: see
 * `forget()`.
 */
export class KnownDirectories {
  readonly #hierarchy: string;
  #known = new Map<string, Known>();
  #stillThere = new Map<string, Known>();

  constructor(hierarchy: string) {
    this.#hierarchy = hierarchy;
  }

  /**
   * Names of the directories in a cgroup, the same array while nothing has changed. Those that were known when it cannot be
   * listed now, say for want of descriptors.
   * @returns undefined when it has vanished
   */
  children(path: string): readonly string[] | undefined {
    // Before the listing: what comes in between is noticed the next time.
    const links = cgroupDirectory(this.#hierarchy, path)?.nlink;
    if (links === undefined) return undefined;
    const known = this.#known.get(path);
    // File systems that do not count directories say 1.
    const isSame = known !== undefined && known.links === links && links >= 2;
    const children = isSame ? known.children : childDirectoriesIfReadable(`${this.#hierarchy}${path}`);
    if (children === undefined) {
      if (known !== undefined) this.#stillThere.set(path, { ...known, links: 0 });
      return known?.children ?? [];
    }
    const current = isSame ? known : { links, children };
    this.#known.set(path, current);
    this.#stillThere.set(path, current);
    return children;
  }

  /** Lists this directory anew when it is asked for the next time, whatever its number of links is. */
  forget(path: string): void {
    const known = this.#known.get(path);
    if (known !== undefined) this.#known.set(path, { ...known, links: 0 });
  }

  /** Forgets what was not asked for since this was called last. */
  forgetOthers(): void {
    this.#known = this.#stillThere;
    this.#stillThere = new Map();
  }

  /** Lists everything anew. */
  forgetAll(): void {
    for (const path of [...this.#known.keys()]) this.forget(path);
  }
}
