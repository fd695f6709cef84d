import { expect, test } from 'vitest';
import { goQuote } from './go-quote.ts';

test.each([
  ['web-1', '"web-1"'],
  ['', '""'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
  ['\x00\x1b\x7f', '"\\x00\\x1b\\x7f"'],
  ['é世🙂', '"é世🙂"'],
  ['\u00a0\u200b\u{e0001}', '"\\u00a0\\u200b\\U000e0001"'],
])('goQuote(%j) is what %%q makes of it', (text, quoted) => {
  expect(goQuote(text)).toBe(quoted);
});
