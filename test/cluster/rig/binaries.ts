import { execFile, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './requirements.ts';

const execute = promisify(execFile);

/** Tells a person what is being done. */
export type Log = (line: string) => void;

const module = join(import.meta.dirname, 'go');
const containerd = { path: 'github.com/containerd/containerd/v2/cmd', version: 'v2.4.2' };
const coredns = { path: 'github.com/coredns/coredns', version: 'v1.15.0' };
/** Of go.mod; without these flags every server would call itself v0.0.0. */
const kubernetes = { major: 1, minor: 37, patch: 2 };
const stillBuildingEveryMs = 30_000;

interface Build {
  readonly what: string;
  /** Arguments of go, but for where the result goes. */
  readonly args: readonly string[];
  /** Name of the result; without one the packages are installed under their own names. */
  readonly output?: string;
}

function builds(): readonly Build[] {
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
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${randomUUID()}`;
  await mkdir(unfinished, { recursive: true });
  try {
    for (const build of builds()) await runBuild(go, build, unfinished, log, signal);
    await rename(unfinished, folder).catch((error: unknown) => {
      // Another run was faster.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** The same folder where it was built before; undefined where it was not. */
export async function builtBinaries(): Promise<string | undefined> {
  const go = findProgram('go');
  const folder = go === undefined ? undefined : await folderFor(go);
  return folder !== undefined && existsSync(folder) ? folder : undefined;
}

async function folderFor(go: string): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'tacho', 'cluster', await fingerprint(go));
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

async function runBuild(
  go: string,
  build: Build,
  folder: string,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const startMs = performance.now();
  const seconds = () => `${Math.round((performance.now() - startMs) / 1000)} s`;
  log(`building ${build.what}, once for this version`);
  const progress = setInterval(
    () => log(`building ${build.what}: ${seconds()} so far`),
    stillBuildingEveryMs,
  );
  const [command = '', ...rest] = build.args;
  // -C must come first.
  const [first, second, ...others] = rest;
  const args =
    build.output === undefined
      ? build.args
      : [command, ...[first ?? '', second ?? ''], '-o', join(folder, build.output), ...others];
  // Go's own folder must be found by the tools that it starts.
  const env = { ...process.env, GOBIN: folder, PATH: `${dirname(go)}:${process.env['PATH'] ?? ''}` };
  const child = spawn(go, args, { env, stdio: ['ignore', 'ignore', 'pipe'], signal, killSignal: 'SIGINT' });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-4_000);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`building ${build.what}: go ${command} ended with ${code}\n${errors}`));
      });
    });
  } finally {
    clearInterval(progress);
  }
  log(`built ${build.what} in ${seconds()}`);
}
