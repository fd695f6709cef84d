import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InFlight } from './in-flight.ts';

function inFlight(limits = { reading: 2, mutating: 1 }) {
  const clock = { ms: 0 };
  return { clock, requests: new InFlight(limits, () => clock.ms) };
}

test('InFlight.crowd() tells of as many as there may be, each kind by itself', () => {
  const { requests } = inFlight();
  const leave = requests.enter('reading');
  requests.enter('reading');
  expect([requests.crowd('reading'), requests.crowd('mutating')]).toEqual([2, undefined]);
  requests.enter('mutating');
  expect(requests.crowd('mutating')).toBe(1);
  leave();
  expect(requests.crowd('reading')).toBeUndefined();
});

test('InFlight.peaks() shows a burst for at least a second after it, and then what there is', () => {
  const { requests, clock } = inFlight();
  const leaves = [1, 2, 3].map(() => requests.enter('reading'));
  for (const leave of leaves.slice(1)) leave();
  clock.ms = 999;
  expect(requests.peaks()).toEqual({ reading: 3, mutating: 0 });
  clock.ms = 1_000;
  expect(requests.peaks().reading).toBe(3);
  clock.ms = 2_000;
  expect(requests.peaks().reading).toBe(1);
  leaves[0]?.();
  clock.ms = 60_000;
  expect(requests.peaks().reading).toBe(0);
});

test('InFlight.peaks() is never below what there is at the moment', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('enter'), fc.constant('leave'), fc.nat(3_000))), (steps) => {
      const { requests, clock } = inFlight();
      const leaves: (() => void)[] = [];
      for (const step of steps) {
        if (step === 'enter') leaves.push(requests.enter('mutating'));
        else if (step === 'leave') leaves.pop()?.();
        else clock.ms += Number(step);
        expect(requests.peaks().mutating).toBeGreaterThanOrEqual(leaves.length);
      }
    }),
  );
});
