import { describe, it } from 'vitest';
import { signalFormats, signalNeverLies, signalRoundTrips } from './signal-properties.ts';

const RUNS = 25_000;

describe.for(signalFormats)('$name', (format) => {
  it('gives back whatever the kernel could write', () => signalRoundTrips(format, RUNS));

  it('gives no number that a damaged text does not hold', () => signalNeverLies(format, RUNS));
});
