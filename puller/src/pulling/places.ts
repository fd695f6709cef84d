/**
 * How many pulls may begin or be read at once. Whoever has had no answer for a while gives its place back and waits on
 * without one: kubelets that hang cost the others nothing, however many they are.
 */
export class Places {
  readonly #patienceMs: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param patienceMs how long a place is kept */
  constructor(count: number, patienceMs: number) {
    this.#free = count;
    this.#patienceMs = patienceMs;
  }

  /** Waits for a place, first come, first served. @returns gives it back */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let isTaken = true;
    const giveBack = () => {
      clearTimeout(patience);
      if (!isTaken) return;
      isTaken = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
    const patience = setTimeout(giveBack, this.#patienceMs);
    return giveBack;
  }
}
