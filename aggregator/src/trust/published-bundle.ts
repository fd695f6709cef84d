/** Since when everything that verifiers are given has held the CAs that are to be published. */
export class PublishedBundle {
  readonly #places: ReadonlyMap<string, { holds?: (bundle: string) => boolean }>;
  readonly #monotonicMs: () => number;
  #bundle: string | undefined;
  #sinceMs: number | undefined;

  /** @param places names of the objects in which it is published */
  constructor(monotonicMs: () => number, places: readonly string[]) {
    this.#monotonicMs = monotonicMs;
    this.#places = new Map(places.map((place) => [place, {}]));
  }

  /** How long, without a break; undefined: not all of them hold it, or one of them is not known yet. */
  get forMs(): number | undefined {
    return this.#sinceMs === undefined ? undefined : this.#monotonicMs() - this.#sinceMs;
  }

  /** What is to be published from now on, PEM. */
  publish(bundle: string): void {
    if (bundle !== this.#bundle) this.#sinceMs = undefined;
    this.#bundle = bundle;
    this.#look();
  }

  /** Takes what a watch has told of one place. @param holds whether this bundle stands there, or need not */
  see(place: string, holds: (bundle: string) => boolean): void {
    const seen = this.#places.get(place);
    if (seen !== undefined) seen.holds = holds;
    this.#look();
  }

  #look(): void {
    const bundle = this.#bundle;
    const whole =
      bundle !== undefined && this.#places.values().every(({ holds }) => holds?.(bundle) === true);
    this.#sinceMs = whole ? (this.#sinceMs ?? this.#monotonicMs()) : undefined;
  }
}
