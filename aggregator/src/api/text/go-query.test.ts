import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseGoQuery } from './go-query.ts';

test.each([
  ['', []],
  [
    'a=b&c=d',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['a', [['a', '']]],
  ['=b', [['', 'b']]],
  ['a==b', [['a', '=b']]],
  ['&&a=b&', [['a', 'b']]],
  [
    'a=1&a=2',
    [
      ['a', '1'],
      ['a', '2'],
    ],
  ],
  ['a=b+c%20d', [['a', 'b c d']]],
  ['a=%zz&c=d', [['c', 'd']]],
  ['%=b&c=d%', []],
  ['a=b;x&c=d', [['c', 'd']]],
  ['a=%C3%A9%ff', [['a', 'é\ufffd']]],
  ['a=é', [['a', 'é']]],
] as [string, string[][]][])('parseGoQuery() of %j', (text, expected) => {
  expect([...parseGoQuery(text)]).toEqual(expected);
});

test('parseGoQuery() reads back what URLSearchParams writes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))),
      (pairs) => {
        const written = new URLSearchParams(pairs);
        expect([...parseGoQuery(written.toString())]).toEqual([...written]);
      },
    ),
  );
});
