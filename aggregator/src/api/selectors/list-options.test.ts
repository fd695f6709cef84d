import { describe, expect, test } from 'vitest';
import { checkTimeout, isWatch, parseListOptions } from './list-options.ts';

const parse = (query: string) => parseListOptions(new URLSearchParams(query));

test.each([
  ['', false],
  ['watch=false', false],
  ['watch=False', false],
  ['watch=0', false],
  ['watch=', true],
  ['watch=foo', true],
  ['watch=true', true],
  ['watch=0&watch=1', false],
])('isWatch(%j) is %s', (query, expected) => {
  expect(isWatch(new URLSearchParams(query))).toBe(expected);
});

describe('parseListOptions()', () => {
  test('decodes form encoding, and of a parameter given twice takes the first', () => {
    const { labelSelector } = parse('labelSelector=app+in+%28a%2Cb%29%2Cx%3Dy&labelSelector=z');
    expect(labelSelector).toEqual([
      { key: 'app', operator: 'in', values: ['a', 'b'] },
      { key: 'x', operator: '=', values: ['y'] },
    ]);
  });

  test('ignores what has no meaning here', () => {
    const query =
      'limit=500&continue=x&resourceVersion=abc&timeoutSeconds=5&allowWatchBookmarks=true&fieldSelector=&unknown=1';
    expect(parse(query)).toEqual({ watch: false, labelSelector: [], fieldSelector: [] });
  });

  test.each([
    ['limit=abc', 'strconv.ParseInt: parsing "abc": invalid syntax'],
    ['limit=', 'strconv.ParseInt: parsing "": invalid syntax'],
    ['limit=9223372036854775808', 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
    ['labelSelector=!&limit=x&timeoutSeconds=1.5', 'strconv.ParseInt: parsing "1.5": invalid syntax'],
    ['fieldSelector=bogus', "invalid selector: 'bogus'; can't understand 'bogus'"],
    ['fieldSelector=bogus&labelSelector=a,', "found '', expected: identifier after ','"],
  ])('refuses %s', (query, message) => {
    expect(() => parse(query)).toThrow(
      expect.objectContaining({ status: { code: 400, reason: 'BadRequest', message } }),
    );
  });

  test.each([
    ['resourceVersionMatch=Exact', 'resourceVersionMatch', 'is forbidden unless resourceVersion is provided'],
    [
      'resourceVersionMatch=Exact&resourceVersion=1&continue=a',
      'resourceVersionMatch',
      'is forbidden when continue is provided',
    ],
    ['sendInitialEvents=true', 'sendInitialEvents', 'is forbidden for list'],
  ])('answers 422 to %s', (query, field, rule) => {
    const message = `Forbidden: ${field} ${rule}`;
    const causes = [{ reason: 'FieldValueForbidden', message, field }];
    const status = {
      code: 422,
      reason: 'Invalid',
      message: `ListOptions.meta.k8s.io "" is invalid: ${field}: ${message}`,
      details: { group: 'meta.k8s.io', kind: 'ListOptions', causes },
    };
    expect(() => parse(query)).toThrow(expect.objectContaining({ status }));
  });

  test.each([
    [
      'sendInitialEvents=true',
      'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ],
    [
      'resourceVersionMatch=NotOlderThan',
      'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    ],
    [
      'sendInitialEvents=1&resourceVersionMatch=NotOlderThan&continue=a',
      'Forbidden: resourceVersionMatch is forbidden when continue is provided',
    ],
  ])('answers 422 to a watch with %s', (query, rule) => {
    const message = `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: ${rule}`;
    expect(() => parse(`watch=1&${query}`)).toThrow(expect.objectContaining({ message }));
  });

  test('lists several faults of a list in brackets, and none of them for a watch', () => {
    expect(() => parse('resourceVersionMatch=x')).toThrow(
      /is invalid: \[resourceVersionMatch: Forbidden: .*, resourceVersionMatch: Unsupported value: "x": supp.*\]$/,
    );
    const initial = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
    expect(parse(`watch=1&${initial}`).watch).toBe(true);
  });
});

test('checkTimeout() takes a Go duration or nothing', () => {
  const check = (query: string) => () => checkTimeout(new URLSearchParams(query));
  expect(check('timeout=10s')).not.toThrow();
  expect(check('timeout=')).not.toThrow();
  expect(check('timeout=abc')).toThrow(
    expect.objectContaining({
      message: 'invalid timeout specified in the request URL - time: invalid duration "abc"',
    }),
  );
});
