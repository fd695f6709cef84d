import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { LayerEntry } from './layer.ts';

/** User and group of both programs. */
export const uid = 65532;

/**
 * Node with the shared libraries and the dynamic loader that it names, each at its own path, and the few files that the C
 * library reads. The libraries are those of this machine.
 * @throws when `ldd` cannot be run or a library is missing
 */
export async function nodeRuntime(nodeBinary: string): Promise<{
  readonly libraries: readonly string[];
  readonly entries: readonly LayerEntry[];
}> {
  const binary = await realpath(nodeBinary);
  // No environment but the path: a preloaded library would be listed, too.
  const { stdout } = await promisify(execFile)('ldd', [binary], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
  });
  const libraries = sharedLibraries(stdout);
  return {
    libraries,
    entries: [
      { type: 'file', path: '/usr/local/bin/node', mode: 0o755, source: binary },
      ...libraries.map((path): LayerEntry => ({ type: 'file', path, mode: 0o755, source: path })),
      { type: 'directory', path: '/tmp', mode: 0o1777 },
      { type: 'file', path: '/etc/passwd', content: `tacho:x:${uid}:${uid}::/:/sbin/nologin\n` },
      { type: 'file', path: '/etc/group', content: `tacho:x:${uid}:\n` },
      { type: 'file', path: '/etc/nsswitch.conf', content: 'hosts: files dns\n' },
    ],
  };
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
