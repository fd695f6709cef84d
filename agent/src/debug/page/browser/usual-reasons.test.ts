import { expect, test } from 'vitest';
import type { NotReportedState } from '../../debug-state.ts';
import { allReportedWords } from './usual-reasons.ts';

const missing = (code: string): NotReportedState => ({ what: 'container', code, sentence: '' });

test.each([
  [[], 'Everything that runs here is reported.'],
  // As on each node with log links: sandboxes, and init containers that are done.
  [['sandbox', 'no-cgroup', 'starting'], 'Everything else that runs here is reported.'],
  [['sandbox', 'first'], undefined],
  [['names-unreadable'], undefined],
])('allReportedWords() of %j is %j', (codes, words) => {
  expect(allReportedWords(codes.map(missing))).toBe(words);
});
