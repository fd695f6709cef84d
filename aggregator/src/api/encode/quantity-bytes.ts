import { formatGoDuration } from '../text/go-duration.ts';
import { writeDecimal, writeFew } from './bytes.ts';

/** Of 32 bits with a sign. */
const mostInteger = 0x7fff_ffff;
const letter = (text: string) => text.charCodeAt(0);
const nanoSuffixes = [...'num\0kMGTPE'].map(letter);
const binarySuffixes = [...'\0KMGTPE'].map(letter);
const [zero, kilo, small, seconds, point] = [...'0kis.'].map(letter) as [
  number,
  number,
  number,
  number,
  number,
];

/** As formatNanocores() of quantity.ts. @param nanocores non-negative safe integer */
export function writeNanocores(out: Uint8Array, offset: number, nanocores: number): number {
  if (nanocores === 0) {
    out[offset] = zero;
    return offset + 1;
  }
  let rest = nanocores;
  let step = 0;
  // Integer arithmetic is cheaper by far; two cores and less are nearly all there is.
  if (rest <= mostInteger) {
    let small = rest | 0;
    for (; small % 1000 === 0; step += 1) small = (small / 1000) | 0;
    rest = small;
  } else for (; rest % 1000 === 0; step += 1) rest /= 1000;
  const end = writeDecimal(out, offset, rest);
  const suffix = nanoSuffixes[step] ?? 0;
  if (suffix === 0) return end;
  out[end] = suffix;
  return end + 1;
}

/** As formatBytes() of quantity.ts. @param bytes non-negative safe integer */
export function writeByteCount(out: Uint8Array, offset: number, bytes: number): number {
  // Below 1024 the canonical form is decimal, and of those only 1000 has a suffix.
  if (bytes < 1024) {
    const isThousand = bytes === 1000;
    const end = writeDecimal(out, offset, isThousand ? 1 : bytes);
    if (!isThousand) return end;
    out[end] = kilo;
    return end + 1;
  }
  let rest = bytes;
  let step = 0;
  for (; rest > mostInteger && rest % 1024 === 0; step += 1) rest /= 1024;
  if (rest <= mostInteger) {
    let small = rest | 0;
    for (; (small & 1023) === 0; step += 1) small >>= 10;
    rest = small;
  }
  const end = writeDecimal(out, offset, rest);
  const suffix = binarySuffixes[step] ?? 0;
  if (suffix === 0) return end;
  out[end] = suffix;
  out[end + 1] = small;
  return end + 2;
}

/** Most bytes of a window: ten minutes are the longest that can be set, hours are not refused. */
export const longestWindowBytes = 32;

/** As formatGoDuration() of go-duration.ts. @param windowUsec positive safe integer */
export function writeWindow(out: Uint8Array, offset: number, windowUsec: number): number {
  if (windowUsec < 1_000_000 || windowUsec >= 60_000_000) {
    return writeFew(out, offset, Buffer.from(formatGoDuration(windowUsec * 1000)));
  }
  const whole = (windowUsec / 1_000_000) | 0;
  let end = writeDecimal(out, offset, whole);
  let rest = (windowUsec - whole * 1_000_000) | 0;
  if (rest > 0) {
    out[end] = point;
    end += 1;
    for (let unit = 100_000; rest > 0; unit = (unit / 10) | 0) {
      const digit = (rest / unit) | 0;
      out[end] = 48 + digit;
      rest -= digit * unit;
      end += 1;
    }
  }
  out[end] = seconds;
  return end + 1;
}
