import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedProgram } from './program-cache.ts';

const execute = promisify(execFile);

/** A program as Debian packs it. */
export interface DebianProgram {
  readonly name: string;
  readonly debianPackage: string;
  /** Which version will do, and how it is called. */
  readonly expected: RegExp;
  readonly called: string;
}

/**
 * A program from Debian's package, unpacked instead of installed: that needs no root, starts no service, and no other of this
 * machine stands in its way. apt verifies what it downloads.
 * @throws with how to mend it where apt has no such package
 */
export async function debianProgram(program: DebianProgram): Promise<string> {
  const { name, debianPackage } = program;
  const found = await debianVersion(program);
  return cachedProgram(name, `debian-${found.replaceAll(/[^\w.+-]/g, '_')}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tacho-debian-'));
    try {
      await execute('apt-get', ['download', `${debianPackage}=${found}`], { cwd: folder });
      const [archive = ''] = await readdir(folder);
      await execute('dpkg-deb', ['--extract', join(folder, archive), folder]);
      return await readFile(join(folder, 'usr', 'bin', name));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Version of the package that apt would fetch, such as `1.20.5+really1.20.2-1.1`. */
async function debianVersion({ debianPackage, expected, called }: DebianProgram): Promise<string> {
  const mend = `on Debian run apt-get update; its package ${debianPackage} has ${called}`;
  const policy = await execute('apt-cache', ['policy', debianPackage]).catch((cause: unknown) => {
    throw new Error(`${called} comes from Debian, and here is no apt: ${mend}`, { cause });
  });
  const candidate = /^\s*Candidate:\s*(?<version>\S+)/m.exec(policy.stdout)?.groups?.['version'];
  if (candidate === undefined || !expected.test(candidate))
    throw new Error(`${called} comes from Debian, and apt offers ${candidate ?? 'no such package'}: ${mend}`);
  return candidate;
}
