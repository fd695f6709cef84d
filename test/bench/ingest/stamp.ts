/**
 * The instant of a send as a CPU rate, so that whoever reads the rate knows when it was sent: microseconds of the machine's
 * monotonic clock, read as nanocores, begun anew after 1,000 s so that it stays below one core.
 */
const wrapUsec = 1_000_000_000;
const nanocoresPer: Readonly<Record<string, number>> = { n: 1, u: 1e3, m: 1e6, '': 1e9 };

/** @returns nanocores */
export function stampOf(usec: number): number {
  return usec % wrapUsec;
}

/** How long before `usec` the stamp was made; right for less than 1,000 s. */
export function sinceStampUsec(stamp: number, usec: number): number {
  return (((usec - stamp) % wrapUsec) + wrapUsec) % wrapUsec;
}

/** Reads a quantity of CPU as metrics.k8s.io writes it: `1234n`, `5u`, `7m`, `2`. @throws for anything else */
export function nanocoresOf(quantity: string): number {
  const [, digits = '', suffix = ''] = /^(\d+)([num]?)$/.exec(quantity) ?? [];
  if (digits === '') throw new Error(`expected a quantity of CPU, found "${quantity}"`);
  return Number(digits) * (nanocoresPer[suffix] ?? Number.NaN);
}
