import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { watchFiles } from './watch-files.ts';

let folder = '';
let stop = new AbortController();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-files-'));
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts to watch one file of the folder; counts the calls. */
function watched(name: string, times: { pollMs?: number } = {}) {
  const seen = { calls: 0 };
  const changed = () => {
    seen.calls += 1;
  };
  watchFiles([join(folder, name)], changed, { settleMs: 1, ...times }, stop.signal);
  return seen;
}

test('watchFiles() tells of a file that is written, and again of the next time', async () => {
  const seen = watched('a');
  writeFileSync(join(folder, 'a'), '1');
  await eventually(() => expect(seen.calls).toBeGreaterThan(0));
  const { calls } = seen;
  writeFileSync(join(folder, 'a'), '2');
  await eventually(() => expect(seen.calls).toBeGreaterThan(calls));
});

test('watchFiles() tells of a mounted Secret’s exchange and not of other files', async () => {
  const seen = watched('a');
  writeFileSync(join(folder, 'other'), '1');
  symlinkSync('x', join(folder, '..data'));
  await eventually(() => expect(seen.calls).toBe(1));
});

test('watchFiles() finds by its poll what no event tells, and a folder that comes later', async () => {
  rmSync(folder, { recursive: true });
  const seen = watched('a', { pollMs: 5 });
  await eventually(() => expect(seen.calls).toBeGreaterThan(2));
  mkdirSync(folder);
  const { calls } = seen;
  await eventually(() => expect(seen.calls).toBeGreaterThan(calls));
});

test('watchFiles() goes on in a folder that was replaced', async () => {
  const seen = watched('a');
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  await eventually(() => expect(seen.calls).toBeGreaterThan(0));
  const { calls } = seen;
  writeFileSync(join(folder, 'a'), '1');
  await eventually(() => expect(seen.calls).toBeGreaterThan(calls));
});

test('watchFiles() told to stop tells nothing more, also when it was told before', async () => {
  const seen = watched('a', { pollMs: 5 });
  await eventually(() => expect(seen.calls).toBeGreaterThan(0));
  stop.abort();
  const { calls } = seen;
  const late = watched('a', { pollMs: 5 });
  const other = { calls: 0 };
  const still = new AbortController();
  watchFiles(
    [join(folder, 'a')],
    () => {
      other.calls += 1;
    },
    { settleMs: 1, pollMs: 5 },
    still.signal,
  );
  await eventually(() => expect(other.calls).toBeGreaterThan(5));
  still.abort();
  expect([seen.calls, late.calls]).toEqual([calls, 0]);
});
