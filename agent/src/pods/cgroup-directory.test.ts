import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cgroupInode, cgroupMadeAtMs } from './cgroup-directory.ts';
import { KnownDirectories } from './known-directories.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-directory-'));
  symlinkSync('loop', join(folder, 'loop'));
  writeFileSync(join(folder, 'file'), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(['/loop', '/file/below', '/missing', `/${'x'.repeat(300)}`])(
  'cgroupInode(), cgroupMadeAtMs() and KnownDirectories.children() of %s, which cannot be looked at, are undefined',
  (path) => {
    expect(cgroupInode(folder, path)).toBeUndefined();
    expect(cgroupMadeAtMs(folder, path)).toBeUndefined();
    expect(new KnownDirectories(folder).children(path)).toBeUndefined();
  },
);
