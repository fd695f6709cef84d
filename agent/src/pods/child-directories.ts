import { type Dirent, readdirSync } from 'node:fs';

/** So often, in looks, all is listed anew: for what times of change and numbers of links do not tell. */
export const listAnewEvery = 12;

/** Names of the directories in a cgroup; none when it has vanished meanwhile or may not be listed. */
export function childDirectories(directory: string): string[] {
  return childDirectoriesIfReadable(directory) ?? [];
}

/** The same, but undefined when it cannot be listed: gone, not allowed, or no descriptor left. */
export function childDirectoriesIfReadable(directory: string): string[] | undefined {
  let entries: Dirent[];
  try {
    entries = readdirSync(directory, { withFileTypes: true });
  } catch {
    return undefined;
  }
  const names: string[] = [];
  for (const entry of entries) if (entry.isDirectory()) names.push(entry.name);
  return names;
}
