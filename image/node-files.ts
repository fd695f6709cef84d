import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import type { SystemPackages } from './licences.ts';

/** Node with all that it needs to start, as files of this machine. */
export interface NodeFiles {
  /** Path of its program. */
  readonly node: string;
  /** Shared libraries and the dynamic loader: where each belongs, and where it is now. Sorted. */
  readonly libraries: readonly { readonly path: string; readonly source: string }[];
  readonly packages: SystemPackages;
}

const execute = promisify(execFile);
/** No environment but the path: a preloaded library would be listed, too. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/**
 * Node with the libraries of this machine, each at its own path.
 * @throws when `ldd` cannot be run or a library is missing
 */
export async function localNode(program: string): Promise<NodeFiles> {
  const node = await realpath(program);
  const { stdout } = await execute('ldd', [node], { env });
  const libraries = sharedLibraries(stdout).map((path) => ({ path, source: path }));
  const versions = new Map<string, string>();
  for (const name of ['libc6', 'libgcc-s1']) {
    const found = await execute('dpkg-query', ['--show', name], { env }).catch(() => undefined);
    const [, version] = found?.stdout.trim().split('\t') ?? [];
    if (version !== undefined) versions.set(name, version);
  }
  return {
    node,
    libraries,
    packages: { documentation: '/usr/share/doc', version: (name) => versions.get(name) },
  };
}

/** File names of the libraries. */
export function libraryNames({ libraries }: NodeFiles): readonly string[] {
  return libraries.map(({ path }) => basename(path));
}

/**
 * Reads what `ldd` prints of a program.
 * @returns paths of its libraries and of the loader, sorted
 * @throws when one of them is missing on this machine, or nothing is found
 */
export function sharedLibraries(ldd: string): readonly string[] {
  const missing = [...ldd.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name);
  if (missing.length > 0)
    throw new Error(`Cannot take along what Node needs: ${missing.join(', ')} not found`);
  const paths = [...ldd.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x[\da-f]+\)$/gm)].map(([, path = '']) => path);
  if (paths.length === 0)
    throw new Error(`Cannot find the libraries of Node: expected paths from ldd, found "${ldd}"`);
  return [...new Set(paths)].sort();
}
