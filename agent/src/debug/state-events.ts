import type { ServerResponse } from 'node:http';
import type { DebugState } from './debug-state.ts';

/** How much of the state is wanted. */
export interface StateOptions {
  /** Only readings later than this, on the monotonic clock; by default all that are kept. */
  readonly countersAfterUsec?: number;
  /** With the texts of the kernel files. */
  readonly kernelFiles?: boolean;
  /** This pod only. */
  readonly pod?: { readonly namespace: string; readonly name: string };
}

/** What the events are made of. */
export interface StateEventsDeps {
  readonly state: (options: StateOptions) => DebugState;
  readonly monotonicUsec: () => number;
  /** Calls the listener after each tick. @returns what ends that */
  readonly onTick: (listener: () => void) => () => void;
  readonly onError: (path: string, error: unknown) => void;
}

/** What is known of one who listens. */
interface Listening {
  /** When their last event was made; undefined where they missed one, so that what was read since would not be enough. */
  sentUsec: number | undefined;
  /** Ticks in a row at which the event before was still not taken. */
  stuckTicks: number;
}

/** Some browser windows; each costs a tick its JSON. */
const mostListeners = 4;
const mostStuckTicks = 6;
const headers = { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' };

/**
 * The state after each tick as server-sent events (HTML standard, 9.2). Makes nothing while nobody listens. Who does not
 * read gets no more until they have read, then a whole state again, and is left after some ticks.
 */
export class StateEvents {
  readonly #deps: StateEventsDeps;
  readonly #listeners = new Map<ServerResponse, Listening>();
  #stopTicks: (() => void) | undefined;

  constructor(deps: StateEventsDeps) {
    this.#deps = deps;
  }

  /** Begins to send, the whole state first. @returns false when there are too many listeners: nothing was answered */
  add(response: ServerResponse): boolean {
    // It may have gone while the pages were loaded, and would never say so again.
    if (response.destroyed) return true;
    if (this.#listeners.size >= mostListeners) return false;
    const sentUsec = this.#deps.monotonicUsec();
    const first = this.#event(undefined);
    response.writeHead(200, headers);
    // The server would end a connection that stays silent for half a minute, and a period may be longer.
    response.socket?.setTimeout(0);
    response.write(`retry: 2000\n\n${first}`);
    this.#listeners.set(response, { sentUsec, stuckTicks: 0 });
    this.#stopTicks ??= this.#deps.onTick(() => this.#tick());
    response.on('close', () => {
      this.#listeners.delete(response);
      if (this.#listeners.size > 0) return;
      this.#stopTicks?.();
      this.#stopTicks = undefined;
    });
    return true;
  }

  #tick(): void {
    try {
      const nowUsec = this.#deps.monotonicUsec();
      // Who came between two ticks lacks less than the others; from the next event on all lack the same.
      const events = new Map<number | undefined, string>();
      for (const [response, listening] of this.#listeners) {
        if (response.writableLength > 0) {
          listening.sentUsec = undefined;
          listening.stuckTicks += 1;
          if (listening.stuckTicks > mostStuckTicks) response.destroy();
          continue;
        }
        const event = events.get(listening.sentUsec) ?? this.#event(listening.sentUsec);
        events.set(listening.sentUsec, event);
        response.write(event);
        listening.sentUsec = nowUsec;
        listening.stuckTicks = 0;
      }
    } catch (error) {
      this.#deps.onError('/debug/events', error);
      for (const response of this.#listeners.keys()) response.destroy();
    }
  }

  #event(sentUsec: number | undefined): string {
    const options = sentUsec === undefined ? {} : { countersAfterUsec: sentUsec };
    return `data: ${JSON.stringify(this.#deps.state(options))}\n\n`;
  }
}
