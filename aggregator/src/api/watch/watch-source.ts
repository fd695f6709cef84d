import type { Entry, Sample } from '../measured/entry.ts';
import type { LabelSet } from '../measured/label-set.ts';

/**
 * What has become of an entry: with which labels it was served before, and with which it is now; undefined where it was
 * not or is no more. The sample is the latest that there was.
 */
export type ChangeListener = (
  entry: Entry,
  before: LabelSet | undefined,
  after: LabelSet | undefined,
  sample: Sample,
) => void;

/** A change of more than the sample: the entry came, left or has other labels. */
export interface Transition {
  /** The resourceVersion of the change. */
  readonly revision: number;
  readonly entry: Entry;
  /** The labels before it; undefined for an entry that was not served. */
  readonly before: LabelSet | undefined;
  readonly sample: Sample;
}

/** What a watch reads beside the entries. */
export interface WatchSource {
  /** Tells of each change from now on. @returns what ends it */
  listen(listener: ChangeListener): () => void;
  /** The sample of an entry as listeners have been told of it; undefined for one that is not served. */
  told(entry: Entry): Sample | undefined;
  /** The transitions after a revision that are still known, oldest first. */
  transitionsSince(revision: number): readonly Transition[];
  /** From this revision on all transitions are known; infinite while that holds for none. */
  oldestRevision(): number;
}
