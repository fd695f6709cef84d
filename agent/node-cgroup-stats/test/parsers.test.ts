import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { kernelParsers } from './kernel-parser.ts';
import { neverLies, roundTrips } from './parser-properties.ts';

const RUNS = 1000;

describe.for(kernelParsers)('$name', (parser) => {
  it('gives back every 64-bit number among any other lines', () => roundTrips(parser, RUNS));

  it('gives no number that a damaged text does not hold', () => neverLies(parser, RUNS));

  it('refuses or misses its number in a text cut at any byte, unless the line is whole', () => {
    const { example } = parser;
    const { digits: whole } = parser.parse(Buffer.from(example), example.length);
    expect(whole).not.toBe('');
    for (let end = 0; end < example.length; end += 1) {
      const { status, digits } = parser.parse(Buffer.from(example.slice(0, end)), end);
      if (example[end - 1] !== '\n')
        expect({ end, status, digits }).toEqual({ end, status: 'malformed', digits: '' });
      else expect([`absent `, `ok ${whole}`]).toContain(`${status} ${digits}`);
    }
  });

  it.for(['max', '', '-', '+1', '1.0', '18446744073709551616', '0'.repeat(21)])(
    'refuses "%s" for a number',
    (number) => {
      const text = `${parser.prefix}${number}${parser.suffix}\n`;
      expect(parser.parse(Buffer.from(text), text.length)).toEqual({ status: 'malformed', digits: '' });
    },
  );
});
