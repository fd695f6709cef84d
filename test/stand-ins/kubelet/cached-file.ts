import { existsSync, mkdirSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TMPFS_MAGIC = 0x01021994;

/**
 * Makes a file of holes in the first folder whose file system caches files, and returns its path; undefined when there
 * is none. Nothing has been written, so no page of it is cached: the first reader's cgroup is charged for all of them.
 * A tmpfs will not do: its holes are read from the one zero page and charged to nobody. Folders are made when missing;
 * the caller removes them.
 */
export function makeUncachedFile(
  folders: readonly string[],
  name: string,
  bytes: number,
): string | undefined {
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      if (!existsSync(folder)) mkdirSync(folder);
      if (statfsSync(folder).type === TMPFS_MAGIC) continue;
      writeFileSync(path, '', { flag: 'wx' });
      truncateSync(path, bytes);
      return path;
    } catch {
      // Not writable, or too small: the next folder.
    }
  }
  return undefined;
}
