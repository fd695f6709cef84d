import { expect, test } from 'vitest';
import { type RotationState, type RotationView, rotationStep, usualRotationTimes } from './rotation-step.ts';

const dayMs = 24 * 3_600_000;
const steady: RotationState = { caEndsAtMs: 3_650 * dayMs, cas: 1, hasNext: false };
const adding = { ...steady, hasNext: true };
const switched = { ...steady, cas: 2 };
const quiet: RotationView = {
  ...{ wallMs: 0, asked: false, heldMs: 0, publishedMs: undefined, distrusting: undefined },
};
const known = { publishedMs: 60_000, distrusting: [] };
const lastYear = { wallMs: 3_285 * dayMs };
const lastMonth = { wallMs: 3_620 * dayMs };

test.each<[string, RotationState, Partial<RotationView>, string]>([
  ['a CA with more than a year', steady, lastYear, 'rest'],
  ['a CA with less than a year', steady, { wallMs: lastYear.wallMs + 1 }, 'add'],
  ['a CA that somebody wants replaced', steady, { asked: true }, 'add'],
  ['a next CA of which nothing is known', adding, { heldMs: 10 * dayMs }, 'wait'],
  ['a next CA that all verifiers know', adding, known, 'switch'],
  [
    'a next CA that stands in the APIServices for less than a minute',
    adding,
    { ...known, publishedMs: 59_999 },
    'wait',
  ],
  ['a next CA that does not stand everywhere', adding, { ...known, publishedMs: undefined }, 'wait'],
  ['a next CA that one agent does not trust', adding, { ...known, distrusting: ['n1'] }, 'wait'],
  ['a next CA before it is known which agents run', adding, { ...known, distrusting: undefined }, 'wait'],
  ['the same in the last month', adding, { ...lastMonth, heldMs: 3_600_000 }, 'wait'],
  ['the same after it', adding, { wallMs: lastMonth.wallMs + 1, heldMs: 3_600_000 }, 'switch-late'],
  [
    'the same, seen for less than an hour',
    adding,
    { wallMs: lastMonth.wallMs + 1, heldMs: 3_599_999 },
    'wait',
  ],
  ['an old CA, for less than ten minutes', switched, { heldMs: 599_999 }, 'wait'],
  ['an old CA, for ten minutes', switched, { heldMs: 600_000 }, 'drop'],
  ['an old CA, when somebody wants another', switched, { asked: true }, 'wait'],
  ['a next CA and an old one', { ...adding, cas: 2 }, { heldMs: 600_000 }, 'wait'],
])('rotationStep() of a Secret with %s', (_, state, view, step) => {
  expect(rotationStep(state, { ...quiet, ...view }, usualRotationTimes)).toBe(step);
});
