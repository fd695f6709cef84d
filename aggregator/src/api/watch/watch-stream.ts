import type { UsageReader } from '../measured/entries.ts';
import type { Entry, Sample } from '../measured/entry.ts';
import { resourceExpired } from '../protocol/status.ts';
import { longestLagMs, missedTransitions } from './watch-catch-up.ts';
import { type ChangeEvent, WatchChanges } from './watch-changes.ts';
import type { EventForm } from './watch-event.ts';
import type { WatchOptions } from './watch-options.ts';
import { WatchPieces } from './watch-pieces.ts';
import type { WatchSelection } from './watch-selection.ts';
import type { WatchSource } from './watch-source.ts';

/** A client takes less than there is to tell: it has to begin anew. */
export class WatchLagging extends Error {
  override readonly name = 'WatchLagging';
}

export interface WatchStreamDeps {
  readonly source: WatchSource;
  readonly reader: UsageReader;
  readonly monotonicMs: () => number;
  /** Calls back once after a time. @returns what prevents it */
  readonly after: (ms: number, callback: () => void) => () => void;
  /** Told of each sample that is served. */
  readonly served: (sample: Sample) => void;
  /** How many changes wait to be told has changed by so much. */
  readonly grown: (count: number) => void;
}

/** What a client has asked for. */
export interface WatchRequest extends WatchOptions {
  readonly selection: WatchSelection;
  readonly form: EventForm;
  readonly timeoutMs: number;
}

/** As apiserver. */
const bookmarkEveryMs = 60_000;
/** One watch: what the client is told, as pieces of bytes. */
export class WatchStream {
  readonly #deps: WatchStreamDeps;
  readonly #request: WatchRequest;
  readonly #changes: WatchChanges;
  #unlisten: () => void = () => {};
  #wake: () => void = () => {};
  #over = false;
  #dropped = false;
  /** It ended amid what was being told: no bookmark could say up to where. */
  #interrupted = false;
  #bookmarkDue = false;
  /** By the monotonic clock, since when all that is pending came by itself. */
  #followingMs = Number.POSITIVE_INFINITY;

  constructor(deps: WatchStreamDeps, request: WatchRequest) {
    this.#deps = deps;
    this.#request = request;
    this.#changes = new WatchChanges(request.selection, deps.monotonicMs, {
      grown: (count) => {
        deps.grown(count);
        if (count > 0) this.#wake();
      },
    });
  }

  /** How many changes wait to be told. */
  get pending(): number {
    return this.#changes.size;
  }

  /** Forgets all that waits; whoever takes the pieces is told that the client lags. */
  drop(): void {
    this.#dropped = true;
    this.#unlisten();
    this.#changes.clear();
    this.#wake();
  }

  /**
   * Pieces of whole events, each good until the next is asked for; undefined where others may have their turn. They end
   * when the time of the watch is over or the signal says so.
   * @throws WatchLagging
   */
  async *pieces(signal: AbortSignal): AsyncGenerator<Uint8Array | undefined, void> {
    const { source, reader, after } = this.#deps;
    const { start, form, bookmarks, timeoutMs, selection } = this.#request;
    if (typeof start === 'object') {
      const oldestRevision = source.oldestRevision();
      if (start.afterRevision < oldestRevision) {
        yield form.error(resourceExpired(start.afterRevision, Math.min(oldestRevision, reader.revision())));
        return;
      }
    }
    const end = () => {
      this.#over = true;
      this.#wake();
    };
    const cancelEnd = after(timeoutMs, end);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    this.#unlisten = source.listen(this.#changes.note);
    const heartbeat = this.#startHeartbeat();
    const pieces = new WatchPieces(form);
    try {
      if (start === 'everything') {
        yield* this.#deliver(pieces.of(this.#everything(selection.runs(reader))));
        if (bookmarks && !this.#over) yield form.bookmark(this.#toldRevision(), true);
      } else if (start !== 'now') {
        const told = this.#addTransitions(start.afterRevision);
        yield* this.#deliver(pieces.of(this.#take()));
        const runs = selection.runs(reader);
        yield* this.#deliver(pieces.of(this.#modified(runs, start.afterRevision, told)));
      }
      this.#followingMs = this.#deps.monotonicMs();
      while (!this.#over) {
        yield* this.#deliver(pieces.of(this.#take()));
        if (this.#bookmarkDue && !this.#over) {
          this.#bookmarkDue = false;
          yield form.bookmark(this.#toldRevision(), false);
        }
        if (this.#changes.size === 0) await this.#woken();
        this.#checkDropped();
      }
      // With it the client goes on elsewhere from just here.
      if (bookmarks && !this.#interrupted) yield form.bookmark(this.#toldRevision(), false);
    } finally {
      signal.removeEventListener('abort', end);
      cancelEnd();
      heartbeat();
      this.#unlisten();
      this.#changes.clear();
    }
  }

  *#deliver(pieces: Iterable<Uint8Array | undefined>): Generator<Uint8Array | undefined> {
    for (const piece of pieces) {
      yield piece;
      this.#checkLag();
      if (this.#over) {
        this.#interrupted = true;
        return;
      }
    }
  }

  *#take(): Generator<ChangeEvent | undefined> {
    for (const event of this.#changes.take()) {
      if (event !== undefined && event.type !== 'DELETED') this.#deps.served(event.sample);
      yield event;
    }
  }

  /** All that there is. What changed before its turn came is told in its place. */
  *#everything(runs: Iterable<readonly Entry[]>): Generator<ChangeEvent | undefined> {
    for (const run of runs) {
      for (const entry of run) {
        this.#changes.forget(entry);
        yield this.#present('ADDED', entry);
      }
    }
  }

  /** What has a newer sample; what has changed anew by now is told with the other changes. */
  *#modified(
    runs: Iterable<readonly Entry[]>,
    revision: number,
    told: ReadonlySet<Entry>,
  ): Generator<ChangeEvent | undefined> {
    for (const run of runs) {
      for (const entry of run) {
        const isNewer = entry.revision > revision && !told.has(entry) && !this.#changes.has(entry);
        yield isNewer ? this.#present('MODIFIED', entry) : undefined;
      }
    }
  }

  #present(type: 'ADDED' | 'MODIFIED', entry: Entry): ChangeEvent | undefined {
    const { selection } = this.#request;
    const sample = this.#deps.source.told(entry);
    if (sample === undefined || !selection.covers(entry) || !selection.matches(entry.labels))
      return undefined;
    this.#deps.served(sample);
    return { type, entry, sample };
  }

  /** @returns what is told as having come or changed */
  #addTransitions(revision: number): ReadonlySet<Entry> {
    const { source } = this.#deps;
    const { left, came } = missedTransitions(source, this.#request.selection, revision);
    for (const { entry, revision: at, before, sample } of [...left, ...came]) {
      const latest = source.told(entry);
      const after = latest === undefined ? undefined : entry.labels;
      this.#changes.add(entry, at, before, after, latest ?? sample);
    }
    return new Set(came.map(({ entry }) => entry));
  }

  /** Up to this revision the client has been told everything. */
  #toldRevision(): number {
    const oldest = this.#changes.oldestRevision;
    return oldest === undefined ? this.#deps.reader.revision() : oldest - 1;
  }

  #checkDropped(): void {
    if (this.#dropped) throw new WatchLagging('too many changes wait for slow clients');
  }

  /** After a piece that the client has taken its time for. */
  #checkLag(): void {
    this.#checkDropped();
    const oldestMs = this.#changes.oldestMs;
    if (oldestMs === undefined) return;
    const lagMs = this.#deps.monotonicMs() - Math.max(oldestMs, this.#followingMs);
    if (lagMs > longestLagMs) throw new WatchLagging(`the client is ${Math.round(lagMs)} ms behind`);
  }

  #startHeartbeat(): () => void {
    if (!this.#request.bookmarks) return () => {};
    const { after } = this.#deps;
    let cancel: () => void;
    const begin = () => {
      cancel = after(bookmarkEveryMs, () => {
        this.#bookmarkDue = true;
        this.#wake();
        begin();
      });
    };
    begin();
    return () => cancel();
  }

  #woken(): Promise<void> {
    if (this.#over || this.#dropped || this.#bookmarkDue) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
