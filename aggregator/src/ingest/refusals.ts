import type { Logger } from 'pino';

const logEveryMs = 60_000;

/**
 * Counts what was refused, by reason, and logs each reason with the node's name at a bounded rate: a peer that
 * lies must be seen, but must not fill the disk.
 */
export class Refusals {
  readonly #log: Logger;
  readonly #monotonicMs: () => number;
  readonly #counts = new Map<string, number>();
  readonly #loggedMs = new Map<string, number>();

  constructor(log: Logger, monotonicMs: () => number) {
    this.#log = log;
    this.#monotonicMs = monotonicMs;
  }

  /** @param reason one of a fixed set of sentences, never a peer's own text */
  add(
    reason: string,
    detail: { readonly node?: string; readonly peer?: string; readonly why?: string },
  ): void {
    const count = (this.#counts.get(reason) ?? 0) + 1;
    this.#counts.set(reason, count);
    const loggedMs = this.#loggedMs.get(reason);
    const nowMs = this.#monotonicMs();
    if (loggedMs !== undefined && nowMs - loggedMs < logEveryMs) return;
    this.#loggedMs.set(reason, nowMs);
    this.#log.warn({ ...detail, reason, count }, 'refused something an agent sent');
  }

  /** How often each reason was given since the start. */
  counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
