import fc from 'fast-check';
import { expect, test } from 'vitest';
import { goJson, goJsonMap, indentJson } from './go-json.ts';

test('goJson() escapes what Go escapes, and stays the same value', () => {
  expect(goJson('<nil> & \u2028\u2029"')).toBe('"\\u003cnil\\u003e \\u0026 \\u2028\\u2029\\""');
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => JSON.parse(goJson(text)) === text));
});

test('goJsonMap() sorts keys bytewise, integer-like ones too', () => {
  expect(goJsonMap({ b: '1', '9': '2', '10': '3', B: '4' })).toBe('{"10":"3","9":"2","B":"4","b":"1"}');
});

test('indentJson() is what JSON.stringify() indents', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(indentJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
    }),
  );
});

test('indentJson() keeps the order of integer-like keys and the escapes', () => {
  expect(indentJson('{"b":"\\u003c,{\\"","1":[]}')).toBe('{\n  "b": "\\u003c,{\\"",\n  "1": []\n}');
});
