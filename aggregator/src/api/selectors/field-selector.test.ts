import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkFields, matchesFields, parseFieldSelector } from './field-selector.ts';

test('parseFieldSelector() gives back every value that was escaped', () => {
  fc.assert(
    fc.property(fc.string(), fc.boolean(), (value, negated) => {
      const text = `f${negated ? '!=' : '='}${value.replace(/[\\,=]/g, '\\$&')}`;
      expect(parseFieldSelector(text)).toEqual([{ field: 'f', operator: negated ? '!=' : '=', value }]);
    }),
  );
});

test('matchesFields() agrees with a naive matcher', () => {
  const word = fc.constantFrom('', 'a', 'b');
  const term = fc.tuple(fc.constantFrom('metadata.name', 'metadata.namespace'), fc.boolean(), word);
  fc.assert(
    fc.property(fc.array(term), word, word, (terms, name, namespace) => {
      const text = terms.map(([field, equal, value]) => `${field}${equal ? '==' : '!='}${value}`).join(',');
      const expected = terms.every(([field, equal, value]) => {
        const actual = field.endsWith('space') ? namespace : name;
        return equal ? actual === value : actual !== value;
      });
      expect(matchesFields(parseFieldSelector(text), name, namespace)).toBe(expected);
    }),
  );
});

test('checkFields() names the fields that there are', () => {
  expect(() => checkFields(parseFieldSelector('metadata.name=a,spec.nodeName=b'))).toThrow(
    expect.objectContaining({
      message: '"spec.nodeName" is not a known field selector: only "metadata.name", "metadata.namespace"',
    }),
  );
});
