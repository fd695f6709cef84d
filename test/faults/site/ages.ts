/** What one replica said of all nodes. Instants are of the wall clock. */
export interface Read {
  readonly atMs: number;
  readonly replica: string;
  /** When each node was sampled, cut to the second as the API has it. */
  readonly nodes: ReadonlyMap<string, number>;
  /** Why there was no answer. */
  readonly problem?: string;
}

/** A span of time and what is looked at in it. */
export interface Look {
  readonly fromMs: number;
  readonly toMs?: number;
  /** All replicas where none is named. */
  readonly replica?: string;
}

/** Age of a node in one read; not finite where it was missing. */
const ageIn = (read: Read, node: string): number =>
  read.atMs - (read.nodes.get(node) ?? Number.NEGATIVE_INFINITY);

export function readsIn(
  reads: readonly Read[],
  { fromMs, toMs = Number.POSITIVE_INFINITY, replica }: Look,
): readonly Read[] {
  return reads.filter(
    (read) => read.atMs >= fromMs && read.atMs <= toMs && (replica === undefined || read.replica === replica),
  );
}

/** The greatest age of a node; not finite where it was missing once. @throws where nothing was read */
export function oldestMs(reads: readonly Read[], node: string, look: Look): number {
  const ages = readsIn(reads, look).map((read) => ageIn(read, node));
  if (ages.length === 0) throw new Error('nothing was read in this time');
  return Math.max(...ages);
}

/** When each replica first had the node no more; undefined where it always had it. */
export function goneAtMs(reads: readonly Read[], node: string, look: Look): number | undefined {
  return readsIn(reads, look).find((read) => !read.nodes.has(node))?.atMs;
}

/**
 * How long after the beginning of the look a node was missing or older than `freshMs` for the last time: from then on it was as if
 * nothing had been. 0 where it always was.
 */
export function backAfterMs(reads: readonly Read[], node: string, freshMs: number, look: Look): number {
  const seen = readsIn(reads, look);
  if (seen.length === 0) throw new Error('nothing was read in this time');
  const stale = seen.findLast((read) => ageIn(read, node) > freshMs);
  return stale === undefined ? 0 : stale.atMs - look.fromMs;
}
