/** Spreads the reports of many agents evenly over each period, as agents that started at random moments do. */
export class PushSchedule {
  readonly #agents: number;
  #beginUsec = 0;
  #slotUsec = Number.POSITIVE_INFINITY;
  #slots = 0;

  constructor(agents: number) {
    this.#agents = agents;
  }

  /** From now on each agent has its turn once in a period. */
  begin(nowUsec: number, periodUsec: number): void {
    this.#beginUsec = nowUsec;
    this.#slotUsec = periodUsec / this.#agents;
    this.#slots = 0;
  }

  /** Whose turn has come since the last call, each as often as it has. */
  *due(nowUsec: number): Generator<number> {
    for (; this.#dueUsec(this.#slots) <= nowUsec; this.#slots += 1) yield this.#slots % this.#agents;
  }

  /** Whose turn is the first at this instant or later, of those that are wanted. */
  next(
    usec: number,
    wanted: (agent: number) => boolean,
  ): { readonly agent: number; readonly dueUsec: number } {
    const first = Math.max(0, Math.ceil((usec - this.#beginUsec) / this.#slotUsec));
    for (let slot = first; slot < first + this.#agents; slot += 1) {
      const agent = slot % this.#agents;
      if (wanted(agent)) return { agent, dueUsec: this.#dueUsec(slot) };
    }
    throw new Error('expected an agent that is wanted, found none');
  }

  #dueUsec(slot: number): number {
    return this.#beginUsec + slot * this.#slotUsec;
  }
}
