import { expect, test } from 'vitest';
import { PullTries } from './pull-tries.ts';

function tries() {
  const clock = { ms: 0 };
  return { clock, tries: new PullTries(() => clock.ms) };
}

test('PullTries keeps of each node when it went well last, and since when it does not', () => {
  const { clock, tries: all } = tries();
  all.note('n1', undefined);
  clock.ms = 5_000;
  all.note('n1', { reason: 'no such reason', message: 'first' });
  clock.ms = 10_000;
  all.note('n1', { reason: 'no such reason', message: 'second' });
  expect(all.ofNode('n1')).toEqual({
    ...{ lastMs: 10_000, wellMs: 0 },
    problem: { reason: 'other', message: 'second', sinceMs: 5_000 },
  });
  clock.ms = 15_000;
  all.note('n1', undefined);
  expect(all.ofNode('n1')).toEqual({
    lastMs: 15_000,
    wellMs: 15_000,
    problem: undefined,
  });
});

test('PullTries counts problems by reason; what is not one that it knows is other', () => {
  const { tries: all } = tries();
  all.note('n1', { reason: 'x'.repeat(60), message: '' });
  all.note('n2', { reason: '', message: '' });
  all.note('n2', { reason: 'hung', message: '' });
  expect(all.problems()).toEqual([
    { reason: 'other', count: 2 },
    { reason: 'hung', count: 1 },
  ]);
});

test('PullTries forgets nodes that are not known any more', () => {
  const { tries: all } = tries();
  all.note('n1', undefined);
  all.note('n2', undefined);
  all.forgetNodes((node) => node === 'n2');
  expect([all.ofNode('n1'), all.ofNode('n2')]).toEqual([undefined, expect.anything()]);
});
