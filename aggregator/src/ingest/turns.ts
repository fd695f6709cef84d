/** Somebody who has asked for a turn. */
export interface Served {
  readonly serve: () => void;
}

/** How long one turn of the event loop may take for this. */
const longestTurnMs = 5;

/**
 * Serves one after the other those who have asked for it, each once, in their order, and in between lets the event
 * loop do what else is due: a flood of reports must not hold up reads and probes.
 */
export class Turns {
  readonly #afterOthers: (run: () => void) => void;
  readonly #monotonicMs: () => number;
  readonly #waiting = new Set<Served>();
  #due = false;

  /** @param afterOthers runs it when all the sockets were asked, as setImmediate() does */
  constructor(afterOthers: (run: () => void) => void, monotonicMs: () => number) {
    this.#afterOthers = afterOthers;
    this.#monotonicMs = monotonicMs;
  }

  ask(served: Served): void {
    this.#waiting.add(served);
    this.#comeAgain();
  }

  #comeAgain(): void {
    if (this.#due || this.#waiting.size === 0) return;
    this.#due = true;
    this.#afterOthers(() => this.#round());
  }

  #round(): void {
    const untilMs = this.#monotonicMs() + longestTurnMs;
    for (const served of this.#waiting) {
      this.#waiting.delete(served);
      served.serve();
      if (this.#monotonicMs() >= untilMs) break;
    }
    this.#due = false;
    this.#comeAgain();
  }
}
