import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeUncachedFile } from './cached-file.ts';

function folder(parent: string): string {
  const path = mkdtempSync(join(parent, 'cached-file-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test('makeUncachedFile() makes a file of the size asked for that takes no room', () => {
  const path = makeUncachedFile([join(folder('/var/tmp'), 'new')], 'f', 1 << 20);
  const { size, blocks } = statSync(path ?? '');
  expect({ size, blocks }).toEqual({ size: 1 << 20, blocks: 0 });
});

test('makeUncachedFile() passes over a tmpfs and what cannot be written', () => {
  const [memory, disk] = [folder('/dev/shm'), folder('/var/tmp')];
  expect(makeUncachedFile([memory, '/proc/none', disk], 'f', 1)).toBe(join(disk, 'f'));
  expect(readdirSync(memory)).toEqual([]);
});

test('makeUncachedFile() gives undefined where nothing will do', () => {
  expect(makeUncachedFile(['/nowhere/a', '/proc/none'], 'f', 1)).toBeUndefined();
});
