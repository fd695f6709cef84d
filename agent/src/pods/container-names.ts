import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { type LogTarget, parseLogLink, parseLogTarget } from './log-link.ts';

/** A container as the links in /var/log/containers name it. */
export interface NamedContainer extends LogTarget {
  readonly containerId: string;
  /** When the kubelet made the link, which it does once the runtime has started the container; wall clock. */
  readonly linkedAtMs: number;
}

/**
 * Names of this node's containers by container ID, from one readdir of the kubelet's log links.
 * Needs only the directory itself (0755), not what the links point to: works without privileges.
 */
export class ContainerNames {
  readonly #directory: string;
  #byId = new Map<string, NamedContainer>();
  #byLink = new Map<string, NamedContainer | undefined>();
  #problem: string | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Why the directory could not be read at the last refresh, in words; undefined when it could. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get(containerId: string): NamedContainer | undefined {
    return this.#byId.get(containerId);
  }

  /** Every container that has a name. */
  all(): IterableIterator<NamedContainer> {
    return this.#byId.values();
  }

  /** Looks for new links and forgets removed ones. When the directory cannot be read the known names stay. */
  refresh(): void {
    let links: string[];
    try {
      links = readdirSync(this.#directory);
      this.#problem = undefined;
    } catch (error) {
      this.#problem = `cannot list ${this.#directory}: ${error instanceof Error ? error.message : String(error)}`;
      return;
    }
    const known = this.#byLink;
    this.#byLink = new Map();
    this.#byId = new Map();
    for (const link of links) {
      const named = known.has(link) ? known.get(link) : this.#read(link);
      this.#byLink.set(link, named);
      if (named !== undefined) this.#byId.set(named.containerId, named);
    }
  }

  #read(link: string): NamedContainer | undefined {
    const name = parseLogLink(link);
    if (name === undefined) return undefined;
    try {
      const path = `${this.#directory}/${link}`;
      const target = parseLogTarget(readlinkSync(path));
      const agrees =
        target?.namespace === name.namespace &&
        target.pod === name.pod &&
        target.container === name.container;
      return target !== undefined && agrees
        ? { ...target, containerId: name.containerId, linkedAtMs: lstatSync(path).mtimeMs }
        : undefined;
    } catch {
      // Removed between readdir and readlink.
      return undefined;
    }
  }
}
