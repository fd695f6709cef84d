/** How numbers are written on the page. None of these shows an unknown number as zero: that is a dash. */

export const unknown = '–';

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Nanocores as millicores: two decimals below 10, so that a container of 1 millicore is seen to be one. */
export function cpuWords(nanocores: number | undefined): string {
  if (nanocores === undefined) return unknown;
  const millicores = nanocores / 1e6;
  return `${decimals(millicores, millicores < 10 ? 2 : millicores < 1000 ? 1 : 0)} m`;
}

/** Bytes in binary units, three digits or more. */
export function bytesWords(bytes: number | undefined): string {
  if (bytes === undefined) return unknown;
  const at = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), binaryUnits.length - 1);
  const value = bytes / 1024 ** at;
  return `${decimals(value, at === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2)} ${binaryUnits[at]}`;
}

/** Microseconds as a length of time. */
export function durationWords(usec: number | undefined): string {
  if (usec === undefined) return unknown;
  if (usec < 1_000) return `${decimals(usec, 0)} µs`;
  if (usec < 1_000_000) return `${decimals(usec / 1_000, 1)} ms`;
  if (usec < 120_000_000) return `${decimals(usec / 1_000_000, usec % 1_000_000 === 0 ? 0 : 2)} s`;
  const minutes = Math.round(usec / 60_000_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

/** A part of 100. */
export function percentWords(percent: number | undefined): string {
  if (percent === undefined) return unknown;
  return `${decimals(percent, percent > 0 && percent < 10 ? 1 : 0)} %`;
}

/** The time of day of an RFC 3339 time, as the browser's zone has it, with seconds. */
export function clockWords(rfc3339: string | undefined): string {
  if (rfc3339 === undefined) return unknown;
  const date = new Date(rfc3339);
  if (Number.isNaN(date.getTime())) return rfc3339;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A whole number with thin gaps between thousands. */
export function countWords(count: number | undefined): string {
  if (count === undefined) return unknown;
  const [whole = '', fraction] = String(count).split('.');
  // An exponent has no thousands.
  if (!/^-?\d+$/.test(whole)) return String(count);
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, '\u202f');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** "1 pod", "2 pods". */
export function plural(count: number, noun: string): string {
  return `${countWords(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function decimals(value: number, digits: number): string {
  const [whole = '', fraction] = value.toFixed(digits).split('.');
  return fraction === undefined ? countWords(Number(whole)) : `${countWords(Number(whole))}.${fraction}`;
}
