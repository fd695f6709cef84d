import { expect, test } from 'vitest';
import { LogRing } from './log-ring.ts';

test('LogRing keeps the last lines, oldest first', () => {
  const ring = new LogRing(3);
  expect(ring.lines()).toEqual([]);
  ring.add('one\n');
  ring.add('two\n');
  expect(ring.lines()).toEqual(['one', 'two']);
  for (const line of ['three', 'four', 'five']) ring.add(line);
  expect(ring.lines()).toEqual(['three', 'four', 'five']);
});

test('LogRing cuts a line that is too long, and says so', () => {
  const ring = new LogRing(1, 4);
  ring.add('abcdef\n');
  expect(ring.lines()).toEqual(['abcd… (cut)']);
});
