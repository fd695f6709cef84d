import { expect, test } from 'vitest';
import { workingSetWords } from './working-set-words.ts';

const at = '2026-01-01T12:00:00.000Z';
const file = (name: string, text: string) => ({
  path: `/cgroup/${name}`,
  readAt: at,
  readFor: 'tick' as const,
  text,
});
const counters = (memoryWorkingSetBytes: number) => [{ at, memoryWorkingSetBytes }];

test.each([
  ['memory.current', 'inactive_file'],
  ['memory.usage_in_bytes', 'total_inactive_file'],
])('workingSetWords() subtracts by %s and %s', (usage, key) => {
  const files = [file('memory.stat', `anon 1\n${key} 24\n`), file(usage, '1024\n')];
  expect(workingSetWords(counters(1000), files)).toBe(
    `1\u202f024 of ${usage} − 24 of ${key} = 1\u202f000 bytes (1\u202f000 B)`,
  );
});

test('workingSetWords() does not go below zero, as the kernel’s texts can', () => {
  const files = [file('memory.stat', 'inactive_file 9\n'), file('memory.current', '4\n')];
  expect(workingSetWords(counters(0), files)).toMatch(/^4 of memory.current − 9 of inactive_file = 0 bytes/);
});

test('workingSetWords() claims no subtraction that does not give the number', () => {
  const files = [file('memory.stat', 'inactive_file 9\n'), file('memory.current', '4096\n')];
  expect(workingSetWords(counters(5), files)).toMatch(/^5 bytes \(5 B\): /);
  expect(workingSetWords(counters(5), [])).toMatch(/^5 bytes/);
  expect(workingSetWords([{ at }], files)).toBe('No value.');
});
