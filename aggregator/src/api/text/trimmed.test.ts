import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trimmed, trimmedEnd } from './trimmed.ts';

const text = fc.array(fc.constantFrom('/', 'a', 'b'), { maxLength: 12 }).map((parts) => parts.join(''));

test('trimmed() takes the character away at both ends and nowhere else', () => {
  fc.assert(
    fc.property(text, (given) => {
      expect(trimmed(given, '/')).toBe(given.replace(/^\/+|\/+$/g, ''));
      expect(trimmedEnd(given, '/')).toBe(given.replace(/\/+$/, ''));
    }),
  );
});

test('trimmed() leaves nothing when there is nothing else', () => {
  expect(trimmed('   ', ' ')).toBe('');
  expect(trimmed('', ' ')).toBe('');
});
