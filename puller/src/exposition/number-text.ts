const [plus, minus, dot, zero, nine, smallE, largeE] = [0x2b, 0x2d, 0x2e, 0x30, 0x39, 0x65, 0x45];
/** Powers of ten that a double holds exactly: a mantissa below 2^53 times or by one of them is rounded once, and so rightly. */
const exactPowers = Array.from({ length: 23 }, (_, power) => 10 ** power);
const safeDigits = 15;
/** No kubelet prints longer numbers. */
const longestNumber = 64;
const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * A sample's value in bytes `begin` to `end`, as Go's strconv.ParseFloat reads decimal numbers.
 * @returns NaN for anything else, infinities included
 */
export function parseValue(bytes: Uint8Array, begin: number, end: number): number {
  let mantissa = 0;
  let digits = 0;
  let fraction = -1;
  let at = begin;
  for (; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte >= zero && byte <= nine) {
      mantissa = mantissa * 10 + (byte - zero);
      if (mantissa > 0) digits += 1;
      if (fraction >= 0) fraction += 1;
    } else if (byte === dot && fraction < 0) fraction = 0;
    else break;
  }
  const hasDigits = at - begin > (fraction < 0 ? 0 : 1);
  const exponent = at === end ? 0 : parseExponent(bytes, at, end);
  const power = exponent - Math.max(0, fraction);
  const scale = exactPowers[Math.abs(power)];
  if (!hasDigits || digits > safeDigits || scale === undefined) return parseSlowly(bytes, begin, end);
  return power < 0 ? mantissa / scale : mantissa * scale;
}

/** What stands behind the mantissa, as Go prints it: `e`, a sign and two digits. @returns NaN for anything else */
function parseExponent(bytes: Uint8Array, begin: number, end: number): number {
  const letter = bytes[begin];
  if (end - begin !== 4 || (letter !== smallE && letter !== largeE)) return Number.NaN;
  const sign = bytes[begin + 1];
  const tens = (bytes[begin + 2] as number) - zero;
  const ones = (bytes[begin + 3] as number) - zero;
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return Number.NaN;
  if (sign === plus) return tens * 10 + ones;
  return sign === minus ? -(tens * 10 + ones) : Number.NaN;
}

function parseSlowly(bytes: Uint8Array, begin: number, end: number): number {
  if (end - begin > longestNumber) return Number.NaN;
  const text = String.fromCharCode(...bytes.subarray(begin, end));
  const value = plainNumber.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** A timestamp: whole milliseconds since 1970, with a sign or without. @returns NaN for anything else, and beyond 2^53 */
export function parseTimestamp(bytes: Uint8Array, begin: number, end: number): number {
  const sign = bytes[begin];
  const first = sign === minus || sign === plus ? begin + 1 : begin;
  if (first >= end || end - first > 16) return Number.NaN;
  let value = 0;
  for (let at = first; at < end; at += 1) {
    const byte = bytes[at] as number;
    if (byte < zero || byte > nine) return Number.NaN;
    value = value * 10 + (byte - zero);
  }
  if (value > Number.MAX_SAFE_INTEGER) return Number.NaN;
  return sign === minus ? -value : value;
}
