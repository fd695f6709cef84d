import type { Entry, Sample } from '../measured/entry.ts';
import type { Status } from '../protocol/status.ts';

/** What happened to an object, as a watch calls it. */
export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** How the events of a watch become bytes, each with the frame around it. */
export interface EventForm {
  /** Most bytes that write() will write for this entry. */
  bound(entry: Entry, sample: Sample): number;
  /** @returns the offset behind the event */
  write(out: Uint8Array, offset: number, type: ChangeType, entry: Entry, sample: Sample): number;
  /**
   * All changes up to the revision have been told.
   * @param initialEnd whether what was there at the beginning has been told with it
   */
  bookmark(revision: number, initialEnd: boolean): Uint8Array;
  /** The last event of a watch that cannot go on. */
  error(status: Status): Uint8Array;
}

/** KEP-3157: what a bookmark says that ends the initial events. */
const initialEndAnnotation = 'k8s.io/initial-events-end';

/** The ObjectMeta of a bookmark. */
export interface BookmarkMetadata {
  readonly resourceVersion: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function bookmarkMetadata(revision: number, initialEnd: boolean): BookmarkMetadata {
  const resourceVersion = String(revision);
  return initialEnd
    ? { resourceVersion, annotations: { [initialEndAnnotation]: 'true' } }
    : { resourceVersion };
}
