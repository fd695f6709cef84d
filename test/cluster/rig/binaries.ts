import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildInto, type GoBuild, type Log, programFolder } from './go-build.ts';
import { findProgram } from './requirements.ts';

const execute = promisify(execFile);

const module = join(import.meta.dirname, 'go');
const containerd = { path: 'github.com/containerd/containerd/v2/cmd', version: 'v2.4.2' };
const coredns = { path: 'github.com/coredns/coredns', version: 'v1.15.0' };
/** Of go.mod; without these flags every server would call itself v0.0.0. */
const kubernetes = { major: 1, minor: 37, patch: 2 };

function builds(): readonly GoBuild[] {
  const { major, minor, patch } = kubernetes;
  const variables = { gitVersion: `v${major}.${minor}.${patch}`, gitMajor: major, gitMinor: minor };
  const stamped = Object.entries(variables).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  const small = '-ldflags=-s -w';
  const ofModule = ['build', '-C', module, '-buildvcs=false', `${small} ${stamped.join(' ')}`];
  const withoutDiskDrivers = '-tags=no_btrfs,no_zfs,no_devmapper';
  const ofContainerd = ['containerd', 'containerd-shim-runc-v2', 'ctr'].map(
    (name) => `${containerd.path}/${name}@${containerd.version}`,
  );
  return [
    { what: 'etcd and Kubernetes', args: [...ofModule, '.'], output: 'servers' },
    { what: 'kubectl', args: [...ofModule, 'k8s.io/kubernetes/cmd/kubectl'], output: 'kubectl' },
    { what: 'containerd', args: ['install', withoutDiskDrivers, small, ...ofContainerd] },
    { what: 'CoreDNS', args: ['install', small, `${coredns.path}@${coredns.version}`] },
  ];
}

/**
 * Folder with the programs of a cluster: servers, kubectl, containerd and its companions, coredns. Built from Go modules
 * when this was not done before, which takes a quarter of an hour on two cores, or one minute when Go's own cache is warm.
 */
export async function clusterBinaries(log: Log, signal: AbortSignal): Promise<string> {
  const go = findProgram('go') ?? 'go';
  const folder = await folderFor(go);
  await buildInto(folder, go, builds(), log, signal);
  return folder;
}

/** The same folder where it was built before; undefined where it was not. */
export async function builtBinaries(): Promise<string | undefined> {
  const go = findProgram('go');
  const folder = go === undefined ? undefined : await folderFor(go);
  return folder !== undefined && existsSync(folder) ? folder : undefined;
}

async function folderFor(go: string): Promise<string> {
  return programFolder(await fingerprint(go));
}

/** Of all that decides the result: sources with their sums, versions, flags, and the compiler. */
async function fingerprint(go: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['main.go', 'go.mod', 'go.sum']) hash.update(await readFile(join(module, file)));
  for (const { args, output = '' } of builds())
    hash.update(JSON.stringify([output, ...args.filter((word) => word !== module)]));
  try {
    const { stdout } = await execute(go, [
      '-C',
      module,
      'env',
      'GOVERSION',
      'GOARCH',
      'CGO_ENABLED',
      'GOFLAGS',
    ]);
    hash.update(stdout);
  } catch (cause) {
    throw new Error(
      'asking Go for its version: expected Go 1.26 or newer, or an older one that may fetch it (GOTOOLCHAIN=auto)',
      { cause },
    );
  }
  return hash.digest('hex').slice(0, 16);
}
