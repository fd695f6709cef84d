import type { Entry, Sample } from './entry.ts';
import type { LabelSet } from './label-set.ts';

/** Entries in order; what is asked for may be many such runs, one namespace after the other. */
export type Run = readonly Entry[];

/** Why an item is not there: the cluster does not know the name, or knows it and has no metrics for it. */
export type Absence = 'unknown' | 'no-metrics';

/** What the API reads. Runs are never written to: whoever holds one sees what was known when it was asked for. */
export interface UsageReader {
  /** Sorted bytewise by name. */
  nodes(): readonly Run[];
  /** Sorted bytewise by namespace, then name. Without a namespace: the whole cluster. */
  pods(namespace: string | undefined): readonly Run[];
  /** Of the whole cluster, in no order: all pods that have labels with these keys, and perhaps others. */
  podsByLabels(keys: readonly string[]): Iterable<readonly [LabelSet, Iterable<Entry>]>;
  node(name: string): Entry | Absence;
  pod(namespace: string, name: string): Entry | Absence;
  /** Tells of entries what is to be served at this moment: it is asked for once for a whole list. */
  samplesNow(): (entry: Entry) => Sample | undefined;
  /** Whether any sample that is held knows its swap. */
  knowsSwap(): boolean;
  /** The resourceVersion of now: no sample and no change that follows has one as low. */
  revision(): number;
}
