/**
 * An unsigned decimal of at most 64 bits as two exact doubles: `billions` × 10⁹ + `remainder`. Splitting on decimal
 * digits keeps counters exact where one double would round, which nanoseconds do after 104 days of CPU time.
 */
export interface Decimal {
  billions: number;
  remainder: number;
}

export function createDecimal(): Decimal {
  return { billions: Number.NaN, remainder: Number.NaN };
}

/** As one number; the nearest doubles take over above 2⁵³. */
export function decimalToNumber(decimal: Decimal): number {
  return decimal.billions * 1e9 + decimal.remainder;
}

const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
/** 2⁶⁴ − 1 = 18446744073 × 10⁹ + 709551615, twenty digits. */
const MAX_DIGITS = 20;
const MAX_BILLIONS = 18_446_744_073;
const MAX_REMAINDER = 709_551_615;

/**
 * Parses the digits at `start` and returns the offset after the last one, or -1 (and NaN in `into`) where there is no
 * number or one above 2⁶⁴ − 1. A negative number, which only a kernel bug prints, is 0, as in runc's cgroups library.
 */
export function parseDecimal(buffer: Uint8Array, start: number, limit: number, into: Decimal): number {
  into.billions = Number.NaN;
  into.remainder = Number.NaN;
  const negative = start < limit && buffer[start] === MINUS;
  const first = negative ? start + 1 : start;
  const furthest = Math.min(limit, first + MAX_DIGITS + 1);
  let end = first;
  while (end < furthest && isDigit(buffer[end])) end += 1;
  const digits = end - first;
  if (digits === 0 || digits > MAX_DIGITS) return -1;
  const split = Math.max(first, end - 9);
  const billions = digitsBetween(buffer, first, split);
  const remainder = digitsBetween(buffer, split, end);
  if (billions > MAX_BILLIONS || (billions === MAX_BILLIONS && remainder > MAX_REMAINDER)) return -1;
  into.billions = negative ? 0 : billions;
  into.remainder = negative ? 0 : remainder;
  return end;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function digitsBetween(buffer: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let offset = start; offset < end; offset += 1) value = value * 10 + ((buffer[offset] ?? ZERO) - ZERO);
  return value;
}
