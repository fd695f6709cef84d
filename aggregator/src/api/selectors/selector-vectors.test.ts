/** What the Go libraries behind Kubernetes make of these selectors. */
import { expect, test } from 'vitest';
import { type FieldSelector, parseFieldSelector } from './field-selector.ts';
import { type LabelSelector, matchesLabels, parseLabelSelector } from './label-selector.ts';

function writeLabelSelector(selector: LabelSelector): string {
  const requirements = selector.map(({ key, operator, values }) => {
    if (operator === 'exists') return key;
    if (operator === '!') return `!${key}`;
    if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${values.join(',')})`;
    return `${key}${operator}${values[0]}`;
  });
  return requirements.join(',');
}

/** In columns: the text, the canonical one, whether it matches the label a=b, and whether no labels at all. */
test.each<[string, string, boolean, boolean]>([
  ['', '', true, true],
  [' ', '', true, true],
  ['a', 'a', true, false],
  ['!a', '!a', false, true],
  ['! a', '!a', false, true],
  ['a=b', 'a=b', true, false],
  ['a==b', 'a==b', true, false],
  ['a!=b', 'a!=b', false, true],
  ['a=', 'a=', false, false],
  ['a!=', 'a!=', true, true],
  ['a in (b,c)', 'a in (b,c)', true, false],
  ['a in ()', 'a in ()', false, false],
  ['a in (,)', 'a in ()', false, false],
  ['a in (b,)', 'a in (,b)', true, false],
  ['a in(b)', 'a in (b)', true, false],
  ['a notin (b)', 'a notin (b)', false, true],
  ['a>1', 'a>1', false, false],
  ['a<1', 'a<1', false, false],
  ['a,b', 'a,b', false, false],
  ['in', 'in', false, false],
  ['in in (in)', 'in in (in)', false, false],
  ['a=in', 'a=in', false, false],
  ['a = b', 'a=b', true, false],
  ['x/y=z', 'x/y=z', false, false],
  ['a\tin\n(b)', 'a in (b)', true, false],
])('parseLabelSelector(%j) is %j', (text, canonical, matchesOne, matchesNone) => {
  const selector = parseLabelSelector(text);
  expect(writeLabelSelector(selector)).toBe(canonical);
  expect([matchesLabels(selector, { a: 'b' }), matchesLabels(selector, {})]).toEqual([
    matchesOne,
    matchesNone,
  ]);
});

test.each<[string, string]>([
  [
    'a>b',
    `unable to parse requirement: values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
  ['a,', "found '', expected: identifier after ','"],
  ['a,,b', "found ',', expected: identifier after ','"],
  [',a', "found ',', expected: !, identifier, or 'end of string'"],
  [
    'X/y',
    `unable to parse requirement: <nil>: Invalid value: "X/y": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
  ],
  [
    '-a',
    `unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  ],
  ['a=b=c', "found '=', expected: ',' or 'end of string'"],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  ['a>=1', "unable to parse requirement: found '=', expected: identifier"],
  ['!a=b', "found '=', expected: ',' or 'end of string'"],
  ['a in b', "unable to parse requirement: found 'b' expected: '('"],
  ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['a in (b c)', "unable to parse requirement: found 'c', expected: ',' or ')'"],
  ['(a)', "found '(', expected: !, identifier, or 'end of string'"],
  [
    'a=é',
    `unable to parse requirement: values[0][a]: Invalid value: "é": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
  ],
  ['a!b', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
  ['a!', "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"],
])('parseLabelSelector() refuses %j: %s', (text, message) => {
  expect(() => parseLabelSelector(text)).toThrow(expect.objectContaining({ message }));
});

function writeFieldSelector(selector: FieldSelector): string {
  return selector
    .map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, '\\$&')}`)
    .join(',');
}

test.each<[string, string]>([
  ['', ''],
  ['a=b', 'a=b'],
  ['a==b', 'a=b'],
  ['a!=b', 'a!=b'],
  ['a=b,c=d', 'a=b,c=d'],
  [',a=b', 'a=b'],
  ['a=b\\,c', 'a=b\\,c'],
  ['a=b\\=c', 'a=b\\=c'],
  ['=b', '=b'],
  ['a=', 'a='],
  ['a!=', 'a!='],
])('parseFieldSelector(%j) is %j', (text, canonical) => {
  expect(writeFieldSelector(parseFieldSelector(text))).toBe(canonical);
});

test.each<[string, string]>([
  ['a', "invalid selector: 'a'; can't understand 'a'"],
  ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
  ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
  ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
])('parseFieldSelector() refuses %j: %s', (text, message) => {
  expect(() => parseFieldSelector(text)).toThrow(expect.objectContaining({ message }));
});
