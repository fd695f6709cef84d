import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LayerEntry } from './layer.ts';

/**
 * Writes the files of an image as they are seen inside of it, for those who make the image of them by other means.
 * @param folder must not exist
 * @throws when it does, or something cannot be written
 */
export async function writeRootFolder(folder: string, entries: readonly LayerEntry[]): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(folder);
  for (const entry of entries) {
    const path = join(folder, entry.path);
    await mkdir(dirname(path), { recursive: true });
    if (entry.type === 'symlink') {
      await symlink(entry.target, path);
      continue;
    }
    if (entry.type === 'directory') await mkdir(path, { recursive: true });
    else if ('source' in entry) await copyFile(entry.source, path);
    else await writeFile(path, entry.content);
    // What a process may take away from a new file's mode is its own affair.
    await chmod(path, entry.mode ?? (entry.type === 'directory' ? 0o755 : 0o644));
  }
}
