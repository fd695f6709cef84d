/**
 * Writing into bytes at an offset. Each function returns the offset behind what it wrote; whoever calls has made room.
 * Strings made first and encoded then cost twice as much for a list of 150,000 pods.
 */

/** Most bytes that any number or quantity takes: 16 digits and a suffix of two characters. */
export const longestNumberBytes = 20;

export function writeBytes(out: Uint8Array, offset: number, bytes: Uint8Array): number {
  out.set(bytes, offset);
  return offset + bytes.length;
}

/** For a handful of bytes, where calling set() costs more than a loop. */
export function writeFew(out: Uint8Array, offset: number, bytes: Uint8Array): number {
  const { length } = bytes;
  for (let index = 0; index < length; index += 1) out[offset + index] = bytes[index] as number;
  return offset + length;
}

/** @param value non-negative safe integer */
export function writeDecimal(out: Uint8Array, offset: number, value: number): number {
  let digits = 1;
  for (let limit = 10; limit <= value; limit *= 10) digits += 1;
  let rest = value;
  let index = offset + digits - 1;
  // Beyond 31 bits integer arithmetic is not to be had for cheap.
  for (; rest > 0x7fff_ffff; index -= 1) {
    const tenth = Math.floor(rest / 10);
    out[index] = 48 + (rest - tenth * 10);
    rest = tenth;
  }
  let small = rest | 0;
  for (; index >= offset; index -= 1) {
    const tenth = (small / 10) | 0;
    out[index] = 48 + (small - tenth * 10);
    small = tenth;
  }
  return offset + digits;
}

/** A base 128 varint. @param value non-negative safe integer */
export function writeVarint(out: Uint8Array, offset: number, value: number): number {
  let rest = value;
  let index = offset;
  while (rest > 0x7f) {
    out[index] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
    index += 1;
  }
  out[index] = rest;
  return index + 1;
}

/** Puts a length before what was written behind one byte kept free for it, and moves that when one does not suffice. */
export function writeLengthBefore(out: Uint8Array, lengthAt: number, end: number): number {
  const length = end - lengthAt - 1;
  if (length < 0x80) {
    out[lengthAt] = length;
    return end;
  }
  const excess = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : 3;
  out.copyWithin(lengthAt + 1 + excess, lengthAt + 1, end);
  writeVarint(out, lengthAt, length);
  return end + excess;
}
