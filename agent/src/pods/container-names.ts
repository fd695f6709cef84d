import { lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { errorWords } from '@tacho/command-line';
import { listAnewEvery } from './child-directories.ts';
import { type CutLink, certainMatches } from './cut-link.ts';
import type { ContainerCgroup } from './kubepods-tree.ts';
import { linkedContainerId, parseLogTarget } from './log-link.ts';
import type { NameDoubt, NamedContainer, NameSource } from './name-source.ts';

export type { NamedContainer } from './name-source.ts';

/** What one link was found to be. */
type Link =
  | { readonly kind: 'named'; readonly named: NamedContainer }
  | { readonly kind: 'cut'; readonly cut: CutLink }
  /** Its name does not fit its target. */
  | { readonly kind: 'disagrees'; readonly target: string }
  /** No link of the kubelet's. */
  | { readonly kind: 'other' };

/** A directory that has changed within this time may change again without its time of change telling it apart. */
const surelyOverMs = 2_000;

/**
 * Names of this node's containers by container ID, from one readdir of the kubelet's log links.
 * Needs only the directory itself (0755), not what the links point to: works without privileges.
 */
export class ContainerNames implements NameSource {
  readonly from: string;
  readonly #directory: string;
  #byId = new Map<string, NamedContainer>();
  #byLink = new Map<string, Link>();
  #cut: readonly CutLink[] = [];
  #uncertain: readonly CutLink[] = [];
  #doubts: readonly NameDoubt[] | undefined;
  #problem: string | undefined;
  readonly #wallMs: () => number;
  /** When the directory that was listed last had been changed; undefined when that may not be all. */
  #changedAtMs: number | undefined;
  #looks = 0;

  /** @param wallMs the clock of the file system; without it the links are listed at each look */
  constructor(directory: string, wallMs: () => number = () => 0) {
    this.#directory = directory;
    this.#wallMs = wallMs;
    this.from = `log links in ${directory}`;
  }

  /** Why the directory could not be read at the last refresh, in words; undefined when it could. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get(containerId: string): NamedContainer | undefined {
    return this.#byId.get(containerId);
  }

  all(): IterableIterator<NamedContainer> {
    return this.#byId.values();
  }

  /** Looks for new links and forgets removed ones. When the directory cannot be read the known names stay. */
  refresh(cgroups: readonly ContainerCgroup[] = []): void {
    let links: string[];
    this.#looks += 1;
    try {
      // Before the listing: what changes in between is seen the next time.
      const { ctimeMs } = statSync(this.#directory);
      if (ctimeMs === this.#changedAtMs && this.#looks % listAnewEvery !== 0) return;
      this.#changedAtMs = this.#wallMs() - ctimeMs > surelyOverMs ? ctimeMs : undefined;
      links = readdirSync(this.#directory);
      this.#problem = undefined;
    } catch (error) {
      this.#problem = `cannot list ${this.#directory}: ${errorWords(error)}`;
      this.#changedAtMs = undefined;
      return;
    }
    const known = this.#byLink;
    const cut: CutLink[] = [];
    this.#byLink = new Map();
    this.#byId = new Map();
    for (const name of links) {
      const before = known.get(name);
      // A cut name may be that of another container by now.
      const link = before === undefined || before.kind === 'cut' ? this.#read(name) : before;
      if (link === undefined) {
        this.#changedAtMs = undefined;
        continue;
      }
      this.#byLink.set(name, link);
      if (link.kind === 'named') this.#byId.set(link.named.containerId, link.named);
      else if (link.kind === 'cut') cut.push(link.cut);
    }
    this.#cut = cut;
    // Which containers they fit is another question with each new cgroup.
    if (cut.length > 0) this.#changedAtMs = undefined;
    this.#matchCut(cgroups);
    this.#doubts = undefined;
  }

  doubts(): readonly NameDoubt[] {
    this.#doubts ??= this.#findDoubts();
    return this.#doubts;
  }

  #findDoubts(): readonly NameDoubt[] {
    const doubts: NameDoubt[] = this.#uncertain.map(({ link, digits, of }) => ({
      code: 'link-cut',
      podUid: of.podUid,
      sentence:
        `the name of the log link ${link} is cut at 255 characters, ${digits.length} of the container ID’s 64 digits are left: ` +
        `no certain cgroup for container ${of.container} of ${of.namespace}/${of.pod}`,
    }));
    for (const [name, link] of this.#byLink) {
      if (link.kind !== 'disagrees') continue;
      const sentence = `the log link ${name} is ignored: its name does not fit what it points to, ${link.target}`;
      doubts.push({ code: 'link-disagrees', podUid: undefined, sentence });
    }
    return doubts;
  }

  #matchCut(cgroups: readonly ContainerCgroup[]): void {
    if (this.#cut.length === 0) {
      this.#uncertain = [];
      return;
    }
    const matches = certainMatches(
      this.#cut,
      cgroups.filter(({ containerId }) => !this.#byId.has(containerId)),
    );
    for (const [{ of, linkedAtMs }, containerId] of matches)
      this.#byId.set(containerId, { ...of, containerId, linkedAtMs });
    this.#uncertain = this.#cut.filter((link) => !matches.has(link));
  }

  /** Undefined when the link was removed between readdir and readlink. */
  #read(link: string): Link | undefined {
    if (!link.endsWith('.log')) return { kind: 'other' };
    const path = `${this.#directory}/${link}`;
    try {
      const text = readlinkSync(path);
      const of = parseLogTarget(text);
      const id = of === undefined ? undefined : linkedContainerId(link, of);
      if (of === undefined || id === undefined) return { kind: 'disagrees', target: text };
      const linkedAtMs = lstatSync(path).mtimeMs;
      return id.isWhole
        ? { kind: 'named', named: { ...of, containerId: id.digits, linkedAtMs } }
        : { kind: 'cut', cut: { link, digits: id.digits, of, linkedAtMs } };
    } catch (error) {
      // What is no symbolic link.
      return error instanceof Error && 'code' in error && error.code === 'EINVAL'
        ? { kind: 'other' }
        : undefined;
    }
  }
}
