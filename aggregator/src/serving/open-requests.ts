import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { InFlight, type InFlightLimits } from './in-flight.ts';
import type { RequestKind } from './request-kind.ts';

/** Who is told of each request that has been answered. */
export interface RequestObserver {
  /** @param seconds undefined for a watch */
  answered(kind: RequestKind, code: number, seconds: number | undefined): void;
}

/** The requests that are being answered, each from its head to the end of its answer. */
export class OpenRequests {
  readonly #inFlight: InFlight;
  readonly #observer: RequestObserver;
  readonly #monotonicMs: () => number;
  readonly #onConnection = new WeakMap<Duplex, number>();
  #watches = 0;

  constructor(limits: InFlightLimits, observer: RequestObserver, monotonicMs: () => number) {
    this.#inFlight = new InFlight(limits, monotonicMs);
    this.#observer = observer;
    this.#monotonicMs = monotonicMs;
  }

  get watches(): number {
    return this.#watches;
  }

  peaks() {
    return this.#inFlight.peaks();
  }

  /** How many there are of this kind, where one more would be too many. Watches have a limit of their own. */
  crowd({ load, longRunning }: RequestKind): number | undefined {
    return longRunning ? undefined : this.#inFlight.crowd(load);
  }

  /** How many there are on a connection. */
  on(socket: Duplex): number {
    return this.#onConnection.get(socket) ?? 0;
  }

  /** Counts a request until its answer is closed, then tells of it; of one whose client left before its answer, nothing. */
  add(socket: Duplex, outgoing: ServerResponse, kind: RequestKind): void {
    const startedMs = this.#monotonicMs();
    const leave = kind.longRunning ? undefined : this.#inFlight.enter(kind.load);
    if (kind.longRunning) this.#watches += 1;
    this.#onConnection.set(socket, this.on(socket) + 1);
    outgoing.once('close', () => {
      leave?.();
      if (kind.longRunning) this.#watches -= 1;
      this.#onConnection.set(socket, this.on(socket) - 1);
      if (!outgoing.headersSent) return;
      const seconds = kind.longRunning ? undefined : (this.#monotonicMs() - startedMs) / 1000;
      this.#observer.answered(kind, outgoing.statusCode, seconds);
    });
  }
}
