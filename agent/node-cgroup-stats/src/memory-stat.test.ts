import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { createMeminfo, parseMeminfo } from './meminfo.ts';
import { createMemoryStat, parseMemoryStat } from './memory-stat.ts';
import { createMemoryStatV1, parseMemoryStatV1 } from './memory-stat-v1.ts';

it.for([
  ['', 'malformed'],
  ['anon 5', 'malformed'],
  ['some_key 5\n', 'ok'],
] as const)(
  'the status of the text as a whole is apart from that of its keys: %j is %s',
  ([text, status]) => {
    const buffer = Buffer.from(text);
    expect(parseMemoryStat(buffer, buffer.length, createMemoryStat())).toBe(status);
    expect(parseMemoryStatV1(buffer, buffer.length, createMemoryStatV1())).toBe(status);
    expect(parseMeminfo(buffer, buffer.length, createMeminfo())).toBe(status);
  },
);

it('parseMemoryStat() loses only the key that is absent or malformed', () => {
  const buffer = Buffer.from('anon 1\nfile max\nactive_file 3\n');
  const stat = createMemoryStat();
  parseMemoryStat(buffer, buffer.length, stat);
  expect(stat).toEqual({
    anonStatus: 'ok',
    anonBytes: 1,
    fileStatus: 'malformed',
    fileBytes: Number.NaN,
    inactiveFileStatus: 'absent',
    inactiveFileBytes: Number.NaN,
  });
});

it('parseMemoryStatV1() does not take the local keys for the hierarchical ones', () => {
  const buffer = Buffer.from('inactive_file 1\nswap 2\n');
  const stat = createMemoryStatV1();
  parseMemoryStatV1(buffer, buffer.length, stat);
  expect([stat.totalInactiveFileStatus, stat.totalSwapStatus]).toEqual(['absent', 'absent']);
});
