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

test('notReportedLines() only counts what each node has, and tells of it where one pod is asked for', () => {
  const ended = { what: 'container', pod: 'job', namespace: 'default', container: 'main' } as const;
  const all = [{ ...ended, code: 'no-cgroup', sentence: 'It has ended.' }];
  expect(notReportedLines(all, new Set(['no-cgroup']))).toEqual([
    'Everything that has a name is reported (and 1 sandboxes, ended and starting containers).',
  ]);
  expect(notReportedLines(all)).toContain('    default/job container main');
});
