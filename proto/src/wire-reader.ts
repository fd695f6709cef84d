/** Bytes that are no protobuf message, or not of the type that was expected. */
export class MalformedMessage extends Error {}

/**
 * Reads protobuf's wire format (https://protobuf.dev/programming-guides/encoding/) where it lies: makes no object for
 * anything, and reads nothing behind the end of the message that it is in. Whatever is not well-formed, and a field of
 * a wire type that its number does not have, throws MalformedMessage.
 */
export class WireReader {
  readonly bytes: Buffer;
  position = 0;
  /** Where the message ends that is being read. */
  end: number;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /** A field's number × 8 and its wire type. */
  tag(): number {
    const tag = this.#varint32();
    if (tag < 8) throw new MalformedMessage('a field without number');
    return tag;
  }

  /** A uint64; NaN beyond 2^53, where a number would lose digits. */
  count(): number {
    let value = 0;
    let scale = 1;
    for (let length = 1; length <= 10; length += 1) {
      const byte = this.#byte();
      // The tenth byte has room for one bit.
      if (length === 10 && byte > 1) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
      scale *= 128;
    }
    throw new MalformedMessage('a number of more than 64 bits');
  }

  /** Begins a message inside this one, which ends at `end`. @returns where the outer one ends: for leave() */
  enter(): number {
    const length = this.length();
    const outer = this.end;
    this.end = this.position + length;
    return outer;
  }

  leave(outer: number): void {
    this.end = outer;
  }

  /** How many bytes follow that belong to one field. */
  length(): number {
    const length = this.#varint32();
    if (length > this.end - this.position) throw new MalformedMessage('a field longer than its message');
    return length;
  }

  /**
   * Leaves out a field that is not known: the peer may be newer.
   * @param known numbers up to this one are known
   */
  skip(tag: number, known: number): void {
    if (tag >>> 3 <= known) throw new MalformedMessage('a field of another type');
    switch (tag & 7) {
      case 0:
        this.count();
        break;
      case 1:
        this.#advance(8);
        break;
      case 2:
        this.#advance(this.length());
        break;
      case 5:
        this.#advance(4);
        break;
      default:
        throw new MalformedMessage('a field of a wire type that is not used any more');
    }
  }

  #advance(length: number): void {
    if (length > this.end - this.position) throw new MalformedMessage('a field longer than its message');
    this.position += length;
  }

  #varint32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      // The fifth byte has room for four bits.
      if (shift === 28 && byte > 0x0f) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new MalformedMessage('a tag or a length of more than 32 bits');
  }

  #byte(): number {
    if (this.position >= this.end) throw new MalformedMessage('a message that ends too soon');
    const byte = this.bytes[this.position] as number;
    this.position += 1;
    return byte;
  }
}
