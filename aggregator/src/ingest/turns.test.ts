import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

/** Turns whose clock and event loop are the test's; each one served takes 2 ms. */
function turns() {
  const clock = { ms: 0 };
  const due: (() => void)[] = [];
  const served: string[] = [];
  const all = new Turns(
    (run) => due.push(run),
    () => clock.ms,
  );
  const one = (name: string, during: () => void = () => undefined) => ({
    serve() {
      clock.ms += 2;
      served.push(name);
      during();
    },
  });
  /** What was served in the next turn of the event loop. */
  const next = () => {
    served.length = 0;
    due.shift()?.();
    return [...served];
  };
  return { all, due, one, next };
}

test('Turns serve in the order of asking, and leave the event loop to others after 5 ms', () => {
  const { all, due, one, next } = turns();
  for (const name of ['a', 'b', 'c', 'd']) all.ask(one(name));
  expect(due).toHaveLength(1);
  expect(next()).toEqual(['a', 'b', 'c']);
  expect(next()).toEqual(['d']);
  expect(due).toEqual([]);
});

test('Turns serve somebody who asks often once, and somebody who asks while he is served again', () => {
  const { all, due, one, next } = turns();
  const often = one('often');
  for (let times = 0; times < 9; times += 1) all.ask(often);
  let again = true;
  const twice = one('twice', () => {
    if (again) all.ask(twice);
    again = false;
  });
  all.ask(twice);
  expect(next()).toEqual(['often', 'twice', 'twice']);
  expect(due).toEqual([]);
});

test('Turns serve one who is slower than a whole turn, and the others in the next', () => {
  const { all, one, next } = turns();
  const quick = one('quick');
  all.ask({
    serve() {
      for (const part of ['1', '2', '3']) one(part).serve();
    },
  });
  all.ask(quick);
  expect(next()).toEqual(['1', '2', '3']);
  expect(next()).toEqual(['quick']);
});
