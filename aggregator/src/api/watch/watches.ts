import type { WatchBody } from '../protocol/api-message.ts';
import { tooManyRequests } from '../protocol/status.ts';
import type { WatchSource } from './watch-source.ts';
import { type WatchRequest, WatchStream, type WatchStreamDeps } from './watch-stream.ts';

export interface WatchesDeps extends Omit<WatchStreamDeps, 'grown' | 'source'> {
  readonly source: WatchSource;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told of each watch that is refused because there are too many. */
  readonly refused: () => void;
  readonly bounds?: Partial<WatchBounds>;
}

export interface WatchBounds {
  /** At once. */
  readonly watches: number;
  /** Changes that wait to be told, of all watches together: about 100 bytes each. */
  readonly pending: number;
}

const usualBounds: WatchBounds = { watches: 100, pending: 1_000_000 };
/** As apiserver: a watch without a time of its own ends after once to twice this. */
const shortestMs = 30 * 60_000;
/** What a timer takes: 2³¹ − 1 ms, more than 24 days. */
const longestMs = 2 ** 31 - 1;
const retryAfterSeconds = 5;

/** The watches that are open, with what bounds them all together. */
export class Watches {
  readonly #deps: WatchesDeps;
  readonly #bounds: WatchBounds;
  readonly #open = new Set<WatchStream>();
  #pending = 0;

  constructor(deps: WatchesDeps) {
    this.#deps = deps;
    this.#bounds = { ...usualBounds, ...deps.bounds };
  }

  get open(): number {
    return this.#open.size;
  }

  /** How many changes wait to be told to clients. */
  get pending(): number {
    return this.#pending;
  }

  /** @throws StatusError 429 when there are too many already */
  begin({
    timeoutMs,
    ...request
  }: Omit<WatchRequest, 'timeoutMs'> & { readonly timeoutMs: number | undefined }): WatchBody {
    if (this.#open.size >= this.#bounds.watches) {
      this.#deps.refused();
      const message = `too many watches at once: at most ${this.#bounds.watches} are served`;
      throw tooManyRequests(message, retryAfterSeconds);
    }
    const chosenMs = timeoutMs ?? shortestMs * (1 + this.#deps.random());
    const bounded = { ...request, timeoutMs: Math.min(Math.max(chosenMs, 0), longestMs) };
    return { watch: (until) => this.#run(bounded, until) };
  }

  async *#run(request: WatchRequest, until: AbortSignal): AsyncGenerator<Uint8Array | undefined, void> {
    const stream = new WatchStream({ ...this.#deps, grown: (count) => this.#grow(count) }, request);
    this.#open.add(stream);
    try {
      yield* stream.pieces(until);
    } finally {
      this.#open.delete(stream);
    }
  }

  #grow(count: number): void {
    this.#pending += count;
    if (this.#pending <= this.#bounds.pending) return;
    let slowest: WatchStream | undefined;
    for (const stream of this.#open) {
      if (slowest === undefined || stream.pending > slowest.pending) slowest = stream;
    }
    slowest?.drop();
  }
}
