import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorWords } from '@tacho/command-line';
import { cacheFolders } from '../kubectl/program-cache.ts';
import { outputOf, run } from './client-process.ts';

const folder = join(import.meta.dirname, 'python');
const requirements = join(folder, 'requirements.txt');
export const readMetricsScript = join(folder, 'read_metrics.py');

/**
 * A Python that has the official client, in a virtual environment beside the other programs that tests keep. Its packages
 * are pinned with their hashes.
 * @throws with how to mend it where there is no Python, or nowhere to fetch packages from
 */
export async function pythonWithClient(): Promise<string> {
  const wanted = await readFile(requirements);
  const version = outputOf('python3 --version', await run('python3', ['--version']));
  const hash = createHash('sha256').update(wanted).update(version).digest('hex').slice(0, 16);
  const [environment = ''] = cacheFolders(`python-${hash}`);
  const python = join(environment, 'bin', 'python');
  if (existsSync(python)) return python;
  const unfinished = `${environment}.${randomUUID()}`;
  await mkdir(dirname(environment), { recursive: true });
  try {
    outputOf('python3 -m venv', await run('python3', ['-m', 'venv', unfinished]));
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary=:all:'];
    const installed = await run(join(unfinished, 'bin', 'python'), [
      ...pip,
      '--require-hashes',
      `--requirement=${requirements}`,
    ]);
    outputOf('pip install', installed);
    await rename(unfinished, environment).catch((error: unknown) => {
      // Another run was faster.
      if (!existsSync(python)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return python;
}

/** Why there is no such Python here, in one sentence; undefined where there is. */
export async function whyNoPython(): Promise<string | undefined> {
  try {
    await pythonWithClient();
    return undefined;
  } catch (error) {
    const found = errorWords(error);
    return `the Python client needs python3 with venv (Debian: python3-venv) and, once, the package index: ${found}`;
  }
}
