import { expect, test } from 'vitest';
import { notReportedLines } from './node-text.ts';

const cgroup = (index: number) => ({
  ...{ what: 'cgroup', cgroupPath: `/kubepods/${index}`, code: 'names-unreadable', sentence: 'No names.' },
});

test('notReportedLines() says a reason once for all that share it, and names some of them', () => {
  const all = Array.from({ length: 7 }, (_, index) => ({ ...cgroup(index), what: 'cgroup' as const }));
  expect(notReportedLines(all)).toEqual([
    'Not reported: 7',
    '  [names-unreadable] No names.',
    ...[0, 1, 2, 3, 4].map((index) => `    /kubepods/${index}`),
    '    and 2 more',
  ]);
});

test('notReportedLines() says that nothing is missing, and names what has no name by what it is', () => {
  expect(notReportedLines([])).toEqual(['Everything that has a name is reported.']);
  expect(notReportedLines([{ what: 'names', code: 'x', sentence: 'y' }])).toContain('    names');
});
