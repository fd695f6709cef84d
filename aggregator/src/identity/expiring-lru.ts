/** Answers that hold for a while; when there are too many, the one that was not asked for longest goes. */
export class ExpiringLru<Value> {
  readonly #most: number;
  readonly #monotonicMs: () => number;
  /** In the order in which they were last used. */
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  constructor(most: number, monotonicMs: () => number) {
    this.#most = most;
    this.#monotonicMs = monotonicMs;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (this.#monotonicMs() >= entry.untilMs) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** @param forMs 0 keeps nothing */
  set(key: string, value: Value, forMs: number): void {
    this.#entries.delete(key);
    if (forMs <= 0) return;
    this.#entries.set(key, { value, untilMs: this.#monotonicMs() + forMs });
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > this.#most && oldest.done !== true) this.#entries.delete(oldest.value);
  }
}
