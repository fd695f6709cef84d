import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCpuOnline } from './cpu-online.ts';

const parse = (text: string) => parseCpuOnline(Buffer.from(`${text}0-63\n`), text.length);

it.for([
  ['0\n', 1],
  ['0-3\n', 4],
  ['0-3,8,10-11\n', 7],
  ['0-8191\n', 8192],
] as const)('parseCpuOnline() of %j is %d', ([text, value]) => {
  expect(parse(text)).toEqual({ status: 'ok', value });
});

it.for(['', '\n', '0-3', '0-3,\n', '3-0\n', '0-3,2\n', '0,0\n', 'max\n', '-1\n', '0-99999\n', '0 1\n'])(
  'parseCpuOnline() takes %j for malformed',
  (text) => {
    expect(parse(text)).toEqual({ status: 'malformed' });
  },
);

it('parseCpuOnline() counts any set of processors', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(300), { minLength: 1 }), (numbers) => {
      const sorted = numbers.sort((a, b) => a - b);
      return parse(`${sorted.join(',')}\n`).status === 'ok';
    }),
  );
});
