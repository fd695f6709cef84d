import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeRootFolder } from './root-folder.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-root-'));
  writeFileSync(join(folder, 'program'), 'binary', { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('writeRootFolder() writes each entry with its mode, and nothing over what is there', async () => {
  const root = join(folder, 'new', 'root');
  await writeRootFolder(root, [
    { type: 'file', path: '/usr/bin/program', source: join(folder, 'program'), mode: 0o755 },
    { type: 'file', path: '/etc/text', content: 'text' },
    { type: 'directory', path: '/tmp', mode: 0o1777 },
    { type: 'symlink', path: '/bin', target: 'usr/bin' },
  ]);
  const modeOf = (path: string) => statSync(join(root, path)).mode & 0o7777;
  expect(readFileSync(join(root, 'usr/bin/program'), 'utf8')).toBe('binary');
  expect([modeOf('usr/bin/program'), modeOf('etc/text'), modeOf('tmp')]).toEqual([0o755, 0o644, 0o1777]);
  expect(readlinkSync(join(root, 'bin'))).toBe('usr/bin');
  await expect(writeRootFolder(root, [])).rejects.toThrow('EEXIST');
});
