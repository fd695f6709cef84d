import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

/**
 * A program that tests take out of an archive. It is kept outside of the repository, in a folder named after what decides
 * its content, so a new version never meets an old one.
 * @param key name of the folder
 * @param unpack makes the program; called when it is not there yet
 * @returns path of the executable
 */
export async function cachedProgram(
  name: string,
  key: string,
  unpack: () => Promise<Uint8Array>,
): Promise<string> {
  const folders = cacheFolders(key);
  // One that was unpacked before serves also where nothing can be written.
  for (const folder of folders) {
    if (await isOwnExecutable(join(folder, name))) return join(folder, name);
  }
  const path = join(await writableFolder(name, folders), name);
  await writeWhole(path, await unpack());
  return path;
}

/** Where what tests make once may be kept, the better place first. */
export function cacheFolders(key: string): readonly string[] {
  return [
    env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
    // The user's number keeps apart the files of users who share the temporary folder.
    join(tmpdir(), `tacho-cache-${userInfo().uid}`),
  ].map((cache) => join(cache, 'tacho', key));
}

/** Renamed into place whole: two test processes may unpack at the same time. */
async function writeWhole(path: string, binary: Uint8Array): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await writeFile(unfinished, binary, { mode: 0o755 });
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function writableFolder(binary: string, candidates: readonly string[]): Promise<string> {
  const problems: unknown[] = [];
  for (const folder of candidates) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o755 });
      await access(folder, constants.W_OK);
      return folder;
    } catch (error) {
      problems.push(error);
    }
  }
  throw new AggregateError(problems, `Cannot keep ${binary} in any of ${candidates.join(', ')}`);
}

/** Nobody else may have put it there: the second folder lies where every user may make files. */
async function isOwnExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    const { mode, uid } = await stat(path);
    return [0, userInfo().uid].includes(uid) && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}
