/**
 * Records of a few doubles each, oldest first; both ends can be changed. Grows by doubling where it must, and makes no
 * garbage once it has its size.
 */
export class RecordRing {
  readonly #fields: number;
  #values: Float64Array;
  /** A power of two. */
  #capacity = 4;
  #first = 0;
  #length = 0;

  /** @param fields how many doubles a record has */
  constructor(fields: number) {
    this.#fields = fields;
    this.#values = new Float64Array(this.#capacity * fields);
  }

  /** How many records there are. */
  get length(): number {
    return this.#length;
  }

  /** @param index 0 is the oldest record. @returns NaN for a record that is not there */
  get(index: number, field: number): number {
    return index >= 0 && index < this.#length
      ? (this.#values[this.#slot(index) + field] ?? Number.NaN)
      : Number.NaN;
  }

  set(index: number, field: number, value: number): void {
    this.#values[this.#slot(index) + field] = value;
  }

  /** Makes room for one more record at the end. @returns its index; the fields are to be set */
  append(): number {
    if (this.#length === this.#capacity) this.#grow();
    this.#length += 1;
    return this.#length - 1;
  }

  dropOldest(): void {
    this.#first = (this.#first + 1) & (this.#capacity - 1);
    this.#length -= 1;
  }

  clear(): void {
    this.#length = 0;
  }

  #slot(index: number): number {
    return ((this.#first + index) & (this.#capacity - 1)) * this.#fields;
  }

  #grow(): void {
    const larger = new Float64Array(this.#values.length * 2);
    const split = this.#first * this.#fields;
    larger.set(this.#values.subarray(split));
    larger.set(this.#values.subarray(0, split), this.#values.length - split);
    this.#values = larger;
    this.#capacity *= 2;
    this.#first = 0;
  }
}
