import type { Decimal } from './decimal.ts';
import { parseDecimal } from './decimal.ts';
import type { ParseStatus } from './status.ts';

const NEWLINE = 0x0a;

/**
 * A file that holds one number and a newline, nothing else. A text without its newline was cut, so its digits prove
 * nothing; "max" stands for "no limit" and is malformed where a number belongs.
 */
export function parseSingleValue(buffer: Uint8Array, byteLength: number, into: Decimal): ParseStatus {
  const end = parseDecimal(buffer, 0, byteLength, into);
  if (end !== -1 && end === byteLength - 1 && buffer[end] === NEWLINE) return 'ok';
  into.billions = Number.NaN;
  into.remainder = Number.NaN;
  return 'malformed';
}
