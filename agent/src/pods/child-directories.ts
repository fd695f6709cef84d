import { type Dirent, readdirSync } from 'node:fs';

/** So often, in looks, all is listed anew: for what times of change and numbers of links do not tell. */
export const listAnewEvery = 12;

/** The answer will be the same the next time: there is no such directory, or it may not be listed. */
const lasting = new Set(['ENOENT', 'ENOTDIR', 'ENODEV', 'EACCES', 'EPERM']);

/**
 * Names of the directories in a cgroup; none when it has vanished meanwhile or may not be listed.
 * @param refused told where it could not be listed just now, say for want of descriptors or memory
 */
export function childDirectories(directory: string, refused: () => void = () => undefined): string[] {
  const listed = list(directory);
  if (Array.isArray(listed)) return listed;
  if (!lasting.has(listed.code ?? '')) refused();
  return [];
}

/** The same, but undefined when it cannot be listed: gone, not allowed, or no descriptor left. */
export function childDirectoriesIfReadable(directory: string): string[] | undefined {
  const listed = list(directory);
  return Array.isArray(listed) ? listed : undefined;
}

function list(directory: string): string[] | NodeJS.ErrnoException {
  let entries: Dirent[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  const names: string[] = [];
  for (const entry of entries) if (entry.isDirectory()) names.push(entry.name);
  return names;
}
