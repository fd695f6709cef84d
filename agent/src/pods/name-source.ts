import type { ContainerCgroup } from './kubepods-tree.ts';
import type { LogTarget } from './log-link.ts';

/** A container with the name that Kubernetes knows it by. */
export interface NamedContainer extends LogTarget {
  readonly containerId: string;
  /** When the container ran at the latest: when the kubelet linked its log, or as the API says; wall clock. */
  readonly linkedAtMs: number;
}

/** Something of the names that cannot be relied on, in words. */
export interface NameDoubt {
  readonly code: 'link-cut' | 'link-disagrees';
  /** Undefined when not even that is certain. */
  readonly podUid: string | undefined;
  readonly sentence: string;
}

/** Whose a container is: the log links of the node, or the API server. */
export interface NameSource {
  /** Why nothing new can be named at present, in words; undefined when all is well. */
  readonly problem: string | undefined;
  /** Where names come from, in words: what to look at when one is missing. */
  readonly from: string;
  /** Looks for new names. Those known stay when it cannot. @param cgroups that exist, for names that need them */
  refresh(cgroups: readonly ContainerCgroup[]): void;
  get(containerId: string): NamedContainer | undefined;
  /** Every container that has a name, running or not. */
  all(): Iterable<NamedContainer>;
  /** Names that are there but not believed. */
  doubts(): readonly NameDoubt[];
}
