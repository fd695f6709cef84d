import { cgroupDirectory } from './cgroup-directory.ts';
import { childDirectoriesIfReadable } from './child-directories.ts';
import { isSameList } from './same-list.ts';

interface Known {
  /** At the last look; 0 where a change is known of that they do not tell. */
  links: number;
  children: readonly string[];
  /** False when it has to be listed whatever the number of links is. */
  isCurrent: boolean;
  /** Whether the last listing was refused. */
  isRefused: boolean;
  isLate: boolean;
  /** Number of the round in which it was asked for last. */
  askedIn: number;
}

/**
 * What lies in the directories of a hierarchy, remembered: listing a cgroup goes through all of its kernel files, 60 and
 * more, which took as long as reading the containers. Instead a directory is asked for its number of links, which is two
 * and one for each directory in it. A directory that was replaced by another one meanwhile is not noticed by that: see
 * `forget()`.
 */
export class KnownDirectories {
  readonly #hierarchy: string;
  readonly #known = new Map<string, Known>();
  #round = 0;

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
    if (known !== undefined) known.askedIn = this.#round;
    // File systems that do not count directories say 1.
    if (known?.isCurrent && known.links === links && links >= 2) return known.children;
    const listed = childDirectoriesIfReadable(`${this.#hierarchy}${path}`);
    const isRefused = listed === undefined;
    const now = { links, isCurrent: !isRefused, isRefused, askedIn: this.#round };
    if (known === undefined) {
      this.#known.set(path, { ...now, children: listed ?? [], isLate: false });
      return listed ?? [];
    }
    if (listed !== undefined && !isSameList(known.children, listed)) {
      known.children = listed;
      known.isLate = known.isRefused || (known.links === links && links >= 2);
    }
    Object.assign(known, now);
    return known.children;
  }

  /** Whether what came with the last change of this directory may have been there before the last look. */
  isLate(path: string): boolean {
    return this.#known.get(path)?.isLate === true;
  }

  /** Lists this directory anew when it is asked for the next time, whatever its number of links is. */
  forget(path: string): void {
    const known = this.#known.get(path);
    if (known !== undefined) known.links = 0;
  }

  /** Forgets what was not asked for since this was called last. */
  forgetOthers(): void {
    for (const [path, { askedIn }] of this.#known) if (askedIn !== this.#round) this.#known.delete(path);
    this.#round += 1;
  }

  /** Lists everything anew. */
  forgetAll(): void {
    for (const known of this.#known.values()) known.isCurrent = false;
  }
}
