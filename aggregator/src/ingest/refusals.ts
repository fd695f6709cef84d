import type { Logger } from 'pino';

const logEveryMs = 60_000;
/** Reasons are few and ours; a text of a peer's that slipped in must neither fill the memory nor the metrics. */
const mostReasons = 64;

/** Whom a refusal is about. */
export interface RefusalDetail {
  readonly node?: string;
  readonly peer?: string;
  readonly why?: string;
}

/**
 * Counts what was refused, by reason, and logs each reason with the node's name at a bounded rate: a peer that
 * lies must be seen, but must not fill the disk.
 */
export class Refusals {
  readonly #log: Logger;
  readonly #monotonicMs: () => number;
  readonly #counts = new Map<string, number>();
  readonly #loggedMs = new Map<string, number>();
  #reports = 0;

  constructor(log: Logger, monotonicMs: () => number) {
    this.#log = log;
    this.#monotonicMs = monotonicMs;
  }

  /** @param given the reason: one of a fixed set of sentences, never a peer's own text */
  add(given: string, detail: RefusalDetail): void {
    const reason = this.#counts.has(given) || this.#counts.size < mostReasons ? given : 'other';
    const count = (this.#counts.get(reason) ?? 0) + 1;
    this.#counts.set(reason, count);
    const loggedMs = this.#loggedMs.get(reason);
    const nowMs = this.#monotonicMs();
    if (loggedMs !== undefined && nowMs - loggedMs < logEveryMs) return;
    this.#loggedMs.set(reason, nowMs);
    this.#log.warn({ ...detail, reason, count }, 'refused something an agent sent');
  }

  /** Of a report nothing could be used. */
  addReport(reason: string, detail: RefusalDetail): void {
    this.#reports += 1;
    this.add(reason, detail);
  }

  /** How many whole reports were refused since the start. */
  get reports(): number {
    return this.#reports;
  }

  /** How often each reason was given since the start. */
  counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
