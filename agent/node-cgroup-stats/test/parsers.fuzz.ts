import { describe, it } from 'vitest';
import { kernelParsers } from './kernel-parser.ts';
import { neverLies, roundTrips } from './parser-properties.ts';

const RUNS = 50_000;

describe.for(kernelParsers)('$name', (parser) => {
  it('gives back every 64-bit number among any other lines', () => roundTrips(parser, RUNS));

  it('gives no number that a damaged text does not hold', () => neverLies(parser, RUNS));
});
