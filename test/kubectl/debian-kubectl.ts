import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedProgram } from './program-cache.ts';

const execute = promisify(execFile);
const debianPackage = 'kubernetes-client';
const expected = /^1\.20\./;

/**
 * kubectl 1.20 from Debian's package, unpacked instead of installed: that needs no root, and no other kubectl of this
 * machine stands in its way. apt verifies what it downloads.
 * @throws with how to mend it where apt has no such package
 */
export async function debianKubectl(): Promise<string> {
  const found = await debianVersion();
  return cachedProgram('kubectl', `debian-${found.replaceAll(/[^\w.+-]/g, '_')}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tacho-debian-'));
    try {
      await execute('apt-get', ['download', `${debianPackage}=${found}`], { cwd: folder });
      const [archive = ''] = await readdir(folder);
      await execute('dpkg-deb', ['--extract', join(folder, archive), folder]);
      return await readFile(join(folder, 'usr', 'bin', 'kubectl'));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Why kubectl 1.20 cannot be had here, in one sentence; undefined where it can. */
export async function whyNoDebianKubectl(): Promise<string | undefined> {
  try {
    await debianKubectl();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Version of the package that apt would fetch, such as `1.20.5+really1.20.2-1.1`. */
async function debianVersion(): Promise<string> {
  const mend = `on Debian run apt-get update; its package ${debianPackage} has kubectl 1.20`;
  const policy = await execute('apt-cache', ['policy', debianPackage]).catch((cause: unknown) => {
    throw new Error(`kubectl 1.20 comes from Debian, and here is no apt: ${mend}`, { cause });
  });
  const candidate = /^\s*Candidate:\s*(?<version>\S+)/m.exec(policy.stdout)?.groups?.['version'];
  if (candidate === undefined || !expected.test(candidate))
    throw new Error(
      `kubectl 1.20 comes from Debian, and apt offers ${candidate ?? 'no such package'}: ${mend}`,
    );
  return candidate;
}
