import { expect, test } from 'vitest';
import { reasonIn, reasonOf } from './reason.ts';

test.each(['first', 'too-close', 'reset', 'paused', 'superseded', 'starting', 'unknown-pod'])(
  'reasonOf() has a sentence for %s',
  (why) => {
    const { code, sentence } = reasonOf(why);
    expect(code).toBe(why);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  },
);

test.each(['cpu', 'memory'])(
  'reasonOf() tells absent, malformed, unreadable and gone %s apart',
  (quantity) => {
    const reasons = ['absent', 'malformed', 'unreadable', 'gone'].map((status) =>
      reasonOf(`${quantity} ${status}`),
    );
    expect(reasons.map(({ code }) => code)).toEqual(
      ['absent', 'malformed', 'unreadable', 'gone'].map((status) => `${quantity}-${status}`),
    );
    expect(new Set(reasons.map(({ sentence }) => sentence)).size).toBe(4);
  },
);

test('reasonOf() of what it has not heard of keeps the words', () => {
  expect(reasonOf('toString')).toEqual({ code: 'other', sentence: 'toString' });
});

test('reasonIn() takes nothing but the reason', () => {
  const more = { code: 'a', sentence: 'b', cgroupPath: '/x' };
  expect(reasonIn(more)).toEqual({ code: 'a', sentence: 'b' });
  expect(reasonIn({ ...more, mend: 'c' })).toEqual({ code: 'a', sentence: 'b', mend: 'c' });
});
