import { expect, test } from 'vitest';
import { errorWords } from './error-words.ts';

test('errorWords() is the message of an error, and whatever else was thrown as text', () => {
  expect(errorWords(new TypeError('no such thing', { cause: new Error('why') }))).toBe('no such thing');
  expect([errorWords('a word'), errorWords(undefined), errorWords(7)]).toEqual(['a word', 'undefined', '7']);
});
