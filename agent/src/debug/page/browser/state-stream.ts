/** How the stream of states is doing. */
export type StreamHealth =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live'; readonly atMs: number }
  /** Nothing has come for too long, or the connection broke. */
  | { readonly kind: 'stale'; readonly sinceMs: number | undefined };

/** What the stream needs of the browser. */
export interface StateStreamDeps {
  /** Opens `/debug/events`. */
  readonly open: () => EventSource;
  readonly nowMs: () => number;
  readonly later: (run: () => void, ms: number) => number;
  readonly cancel: (timer: number) => void;
  readonly onState: (json: string) => void;
  readonly onHealth: (health: StreamHealth) => void;
}

const retryMs = 2_000;
/** Until the first event has told the period. */
const firstPatienceMs = 15_000;

/**
 * Follows the agent's events. A browser gives an EventSource up for good after an answer that is not 200, as a proxy
 * gives while the agent restarts; so each broken one is closed here and opened anew.
 */
export class StateStream {
  readonly #deps: StateStreamDeps;
  #source: EventSource | undefined;
  #watch: number | undefined;
  #retry: number | undefined;
  #lastMs: number | undefined;
  #patienceMs = firstPatienceMs;

  constructor(deps: StateStreamDeps) {
    this.#deps = deps;
  }

  /** Three periods without an event are one too many. */
  setPeriod(periodUsec: number): void {
    this.#patienceMs = Math.max(3_000, (periodUsec / 1_000) * 3);
  }

  /** Opens the stream and keeps it open. */
  start(): void {
    this.stop();
    const source = this.#deps.open();
    this.#source = source;
    source.addEventListener('message', ({ data }) => {
      this.#lastMs = this.#deps.nowMs();
      this.#deps.onState(String(data));
      this.#deps.onHealth({ kind: 'live', atMs: this.#lastMs });
      this.#awaitNext();
    });
    source.addEventListener('error', () => this.#broke());
    this.#awaitNext();
  }

  /** Ends it until the next start. */
  stop(): void {
    this.#source?.close();
    this.#source = undefined;
    for (const timer of [this.#watch, this.#retry]) if (timer !== undefined) this.#deps.cancel(timer);
    this.#watch = undefined;
    this.#retry = undefined;
  }

  #awaitNext(): void {
    if (this.#watch !== undefined) this.#deps.cancel(this.#watch);
    this.#watch = this.#deps.later(() => this.#broke(), this.#patienceMs);
  }

  #broke(): void {
    this.stop();
    this.#deps.onHealth({ kind: 'stale', sinceMs: this.#lastMs });
    this.#retry = this.#deps.later(() => this.start(), retryMs);
  }
}
