import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StatusError } from '../protocol/status.ts';
import { matchesLabels, parseLabelSelector } from './label-selector.ts';

type Labels = Record<string, string>;

const key = fc.constantFrom('a', 'b', 'in', 'x/y', 'constructor');
const value: fc.Arbitrary<string> = fc.constantFrom('b', 'c', 'notin', '', '5', '12');
const blank = fc.constantFrom('', ' ', '\t ', '\n');

/** A requirement as text, and the same as a rule of its own. */
const requirement: fc.Arbitrary<{ text: string; rule: (labels: Labels) => boolean }> = fc.oneof(
  key.map((k) => ({ text: k, rule: (labels: Labels) => k in labels })),
  key.map((k) => ({ text: `!${k}`, rule: (labels: Labels) => !(k in labels) })),
  fc.tuple(key, value, blank, fc.constantFrom('=', '==')).map(([k, v, _, operator]) => ({
    text: `${k}${_}${operator}${_}${v}`,
    rule: (labels: Labels) => labels[k] === v,
  })),
  fc.tuple(key, value, blank).map(([k, v, _]) => ({
    text: `${k}${_}!=${_}${v}`,
    rule: (labels: Labels) => labels[k] !== v,
  })),
  fc.tuple(key, fc.array(value.filter(Boolean), { minLength: 1 }), fc.boolean()).map(([k, vs, negated]) => ({
    text: `${k} ${negated ? 'notin' : 'in'} (${vs.join(', ')})`,
    rule: (labels: Labels) => vs.includes(labels[k] ?? '') !== negated,
  })),
  fc.tuple(key, fc.nat({ max: 20 }), fc.constantFrom('>', '<')).map(([k, limit, operator]) => ({
    text: `${k}${operator}${limit}`,
    rule: (labels: Labels) => {
      const text = labels[k] ?? '';
      return /^\d+$/.test(text) && (operator === '>' ? Number(text) > limit : Number(text) < limit);
    },
  })),
);

/** Labels without a prototype, so that the rules above may use `in`. */
const labels = fc
  .dictionary(key, value, { noNullPrototype: false })
  .map((map) => Object.assign(Object.create(null), map));

test('matchesLabels() agrees with a naive matcher, requirements being AND-ed', () => {
  fc.assert(
    fc.property(fc.array(requirement, { maxLength: 4 }), labels, (requirements, map) => {
      const selector = parseLabelSelector(requirements.map(({ text }) => text).join(','));
      expect(matchesLabels(selector, map)).toBe(requirements.every(({ rule }) => rule(map)));
    }),
    { numRuns: 1000 },
  );
});

test('matchesLabels() takes no label from Object.prototype', () => {
  expect(matchesLabels(parseLabelSelector('constructor'), {})).toBe(false);
});

test('parseLabelSelector() answers nonsense with a 400 and nothing else', () => {
  const piece = fc.constantFrom(
    'a',
    'in',
    'notin',
    '=',
    '!',
    '>',
    '(',
    ')',
    ',',
    ' ',
    '5',
    'é',
    '\0',
    '/',
    'A/b',
  );
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (text) => {
        try {
          parseLabelSelector(text);
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('parseLabelSelector() sorts requirements by key and keeps the order of equal ones', () => {
  expect(parseLabelSelector('b,a=2,a=1').map(({ key: k, values }) => [k, ...values])).toEqual([
    ['a', '2'],
    ['a', '1'],
    ['b'],
  ]);
});

const nameRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const long = 'a'.repeat(64);

test.each([
  ['!', "unable to parse requirement: found '', expected: identifier"],
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['a in', "unable to parse requirement: found '' expected: '('"],
  ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
  ['a in (b,', "unable to parse requirement: found '', expected: ',', or identifier"],
  ['a in (b,,)', "unable to parse requirement: found ')', expected: ',', or identifier"],
  ['a in (=)', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
  [
    long,
    `unable to parse requirement: <nil>: Invalid value: "${long}": name part must be no more than 63 bytes`,
  ],
  ['/a', 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty'],
  ['a/', `unable to parse requirement: <nil>: Invalid value: "a/": name part must be non-empty; ${nameRule}`],
  [
    `a=${long}`,
    `unable to parse requirement: values[0][a]: Invalid value: "${long}": must be no more than 63 bytes`,
  ],
])('parseLabelSelector(%j) is refused with Go’s message', (text, message) => {
  expect(() => parseLabelSelector(text)).toThrow(expect.objectContaining({ message }));
});

test('parseLabelSelector() reports several faults of one value together', () => {
  expect(() => parseLabelSelector('a>é')).toThrow(
    /^unable to parse requirement: \[values\[0\]: Invalid value: "é": for .*integer, values\[0\]\[a\]: Invalid/,
  );
});

test('parseLabelSelector() reads a missing value in a set as the empty one', () => {
  const values = (text: string) => parseLabelSelector(text)[0]?.values;
  expect(values('a in (b,,c)')).toEqual(['', 'b', 'c']);
  expect(values('a in (,b)')).toEqual(['', 'b']);
  expect(values('a in (b,b)')).toEqual(['b']);
});

test('matchesLabels() compares beyond 2^53 exactly', () => {
  const selector = parseLabelSelector('a>9007199254740992');
  expect(matchesLabels(selector, { a: '9007199254740993' })).toBe(true);
  expect(matchesLabels(selector, { a: '9223372036854775808' })).toBe(false);
});

test('parseLabelSelector() swallows a zero byte after a token and ends at any other, as Kubernetes does', () => {
  expect(parseLabelSelector('a=\0b')).toEqual(parseLabelSelector('a=b'));
  expect(parseLabelSelector('a \0b')).toEqual(parseLabelSelector('a'));
  expect(() => parseLabelSelector('a\0b')).toThrow("found 'b', expected: in, notin");
});
