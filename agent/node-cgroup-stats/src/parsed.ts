import type { Buffer } from 'node:buffer';
import { createDecimal, decimalToNumber } from './decimal.ts';
import { createFlatKey, parseFlatKey } from './flat-keyed.ts';
import { parseSingleValue } from './single-value.ts';

/** What a text says of one thing: its value, or why it has none. */
export type Parsed<T> =
  | { readonly status: 'ok'; readonly value: T }
  | { readonly status: 'absent' | 'malformed' };

/** Parses the first `byteLength` bytes; what lies behind them is left of earlier texts. */
export type Parser<T> = (buffer: Buffer, byteLength: number) => Parsed<T>;

export const absent: Parsed<never> = { status: 'absent' };
export const malformed: Parsed<never> = { status: 'malformed' };

const decimal = createDecimal();

/**
 * A file that is one number: memory.peak, memory.swap.peak, memory.swap.current, pids.current, pids.peak, cpu.weight; of v1
 * memory.max_usage_in_bytes, memory.failcnt, memory.kmem.usage_in_bytes, cpu.shares, cpu.cfs_period_us, pids.current.
 * Above 2⁵³ the nearest double.
 */
export const parseSingleNumber: Parser<number> = (buffer, byteLength) => {
  const status = parseSingleValue(buffer, byteLength, decimal);
  return status === 'ok' ? { status, value: decimalToNumber(decimal) } : malformed;
};

/** One key of a file of lines `key value`; above 2⁵³ the nearest double. */
export function createKeyParser(key: string): Parser<number> {
  const flatKey = createFlatKey(key);
  return (buffer, byteLength) => {
    const status = parseFlatKey(buffer, byteLength, flatKey, decimal);
    return status === 'ok' ? { status, value: decimalToNumber(decimal) } : { status };
  };
}

const MAX_UINT64_DIGITS = '18446744073709551615';

/** Digits as a number; undefined for what is no unsigned decimal of 64 bits. */
export function numberFromDigits(digits: string | undefined): number | undefined {
  if (digits === undefined || !/^\d{1,20}$/.test(digits)) return undefined;
  // Of equal length, digits compare like the numbers.
  if (digits.length === MAX_UINT64_DIGITS.length && digits > MAX_UINT64_DIGITS) return undefined;
  return Number(digits);
}

/** The text of a whole file, or undefined where it was cut before its last newline. The kernel writes ASCII. */
export function wholeText(buffer: Buffer, byteLength: number): string | undefined {
  const text = buffer.toString('latin1', 0, byteLength);
  return text.endsWith('\n') ? text : undefined;
}
