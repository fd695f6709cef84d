/** More than the seconds in which the samples of one list were taken. */
const mostSeconds = 64;

/**
 * Encoded instants. The API cuts them to whole seconds, so the thousands of reports of one period have few different
 * ones: each is made once.
 */
export class BytesBySecond {
  readonly #encode: (timestampMs: number) => Uint8Array;
  readonly #bySecond = new Map<number, Uint8Array>();

  /** @param encode gives the same bytes for each millisecond of a second */
  constructor(encode: (timestampMs: number) => Uint8Array) {
    this.#encode = encode;
  }

  of(timestampMs: number): Uint8Array {
    const second = Math.floor(timestampMs / 1000);
    let bytes = this.#bySecond.get(second);
    if (bytes === undefined) {
      if (this.#bySecond.size >= mostSeconds) this.#bySecond.clear();
      bytes = this.#encode(timestampMs);
      this.#bySecond.set(second, bytes);
    }
    return bytes;
  }
}
