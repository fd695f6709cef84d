import { goQuote } from './go-quote.ts';

const nanosecondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  // Both code points that look like a micro sign: U+00B5 and U+03BC.
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const maximumNanoseconds = 2 ** 63;

/** Go's `time.Duration.String()`. `nanoseconds` is a non-negative safe integer. */
export function formatGoDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  if (nanoseconds < 1e3) return `${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${decimal(nanoseconds, 3)}µs`;
  if (nanoseconds < 1e9) return `${decimal(nanoseconds, 6)}ms`;
  const minutes = Math.floor(nanoseconds / 60e9);
  const seconds = `${decimal(nanoseconds % 60e9, 9)}s`;
  if (minutes === 0) return seconds;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes}m${seconds}` : `${hours}h${minutes % 60}m${seconds}`;
}

/** `value` / 10^`places`, exactly, without trailing zeros. */
function decimal(value: number, places: number): string {
  const unit = 10 ** places;
  const fraction = String(value % unit)
    .padStart(places, '0')
    .replace(/0+$/, '');
  const whole = Math.floor(value / unit);
  return fraction === '' ? `${whole}` : `${whole}.${fraction}`;
}

/**
 * Go's `time.ParseDuration`: "1h2m3.5s" to nanoseconds.
 *
 * @throws Error with Go's message when `text` is no duration.
 */
export function goDurationNsec(text: string): number {
  const [, sign, magnitude = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (magnitude === '0') return 0;
  if (magnitude === '') throw invalid(text);
  let nanoseconds = 0;
  let rest = magnitude;
  while (rest !== '') {
    const [part = '', number = '', unit = ''] = /^(\d+\.?\d*|\.\d+)([^.\d]*)/.exec(rest) ?? [];
    if (part === '') throw invalid(text);
    if (unit === '') throw new Error(`time: missing unit in duration ${goQuote(text)}`);
    const factor = Object.hasOwn(nanosecondsPerUnit, unit) ? nanosecondsPerUnit[unit] : undefined;
    if (factor === undefined) {
      throw new Error(`time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`);
    }
    nanoseconds += Math.trunc(Number(number) * factor);
    if (nanoseconds > maximumNanoseconds) throw invalid(text);
    rest = rest.slice(part.length);
  }
  return sign === '-' ? -nanoseconds : nanoseconds;
}

function invalid(text: string): Error {
  return new Error(`time: invalid duration ${goQuote(text)}`);
}
