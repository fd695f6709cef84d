/** The last lines of a log, in no more memory than `mostLines` × `longestLine`. */
export class LogRing {
  readonly #mostLines: number;
  readonly #longestLine: number;
  readonly #lines: string[] = [];
  #next = 0;

  constructor(mostLines: number, longestLine = 2_000) {
    this.#mostLines = mostLines;
    this.#longestLine = longestLine;
  }

  /** @param line with or without its end; what is too long is cut and says so */
  add(line: string): void {
    const whole = line.trimEnd();
    const kept = whole.length > this.#longestLine ? `${whole.slice(0, this.#longestLine)}… (cut)` : whole;
    this.#lines[this.#next] = kept;
    this.#next = (this.#next + 1) % this.#mostLines;
  }

  /** Oldest first. */
  lines(): string[] {
    return [...this.#lines.slice(this.#next), ...this.#lines.slice(0, this.#next)];
  }
}
