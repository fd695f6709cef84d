import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { signalFormats, signalNeverLies, signalRoundTrips } from './signal-properties.ts';

const RUNS = 1000;

describe.for(signalFormats)('$name', (format) => {
  it('gives back whatever the kernel could write', () => signalRoundTrips(format, RUNS));

  it('gives no number that a damaged text does not hold', () => signalNeverLies(format, RUNS));

  it('refuses a text that was cut within a line', () => {
    const { example, parse } = format;
    expect(parse(Buffer.from(example), example.length)).toMatchObject({ status: 'ok' });
    for (let end = 1; end < example.length; end += 1) {
      if (example[end - 1] !== '\n')
        expect([end, parse(Buffer.from(example), end)]).toEqual([end, { status: 'malformed' }]);
    }
  });
});
