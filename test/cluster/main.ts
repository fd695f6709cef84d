/** `npm run cluster`: a real Kubernetes cluster for a person, made by the same code as that of the tests. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { errorWords } from '@tacho/command-line';
import { clusterBinaries } from './rig/binaries.ts';
import type { Cluster } from './rig/cluster.ts';
import { clusterFolders, readClusterState } from './rig/cluster-state.ts';
import { type ClusterCommand, parseClusterCommand, usage } from './rig/command-line.ts';
import { hasCgroupV1 } from './rig/node.ts';
import { openCluster, openParts } from './rig/open-cluster.ts';
import { metricsServerProgram, recommenderProgram } from './rig/peer-programs.ts';
import { downOwned, startCluster } from './rig/start-cluster.ts';
import { statusText } from './rig/status.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const defaultNodes = hasCgroupV1() ? 'n1,s2,v3' : 'n1,s2';
const defaultName = 'dev';

async function main(): Promise<number> {
  let asked: ClusterCommand;
  try {
    asked = parseClusterCommand(process.argv.slice(2), defaultNodes);
  } catch (error) {
    process.stderr.write(`${errorWords(error)}\n\n${usage}`);
    return 2;
  }
  return await run(asked);
}

async function run(asked: ClusterCommand): Promise<number> {
  switch (asked.command) {
    case 'help':
      process.stdout.write(usage);
      return 0;
    case 'up':
      await up(asked);
      return 0;
    case 'status':
      for (const folder of clusterFolders()) process.stdout.write(await statusText(folder));
      if (clusterFolders().length === 0) say('there is no cluster; "up" makes one');
      return 0;
    case 'build':
      await build(new AbortController().signal);
      return 0;
    case 'down-owned':
      await downOwned(asked.ownerPid, say);
      return 0;
    case 'kubectl':
    case 'helm':
      return await handOver(asked.command, asked.args, folderOf(asked.name));
  }
  const cluster = await openCluster(folderOf(asked.name));
  try {
    await change(cluster, asked);
  } finally {
    cluster.api.close();
  }
  return 0;
}

/** Two at a time: one alone leaves processors idle while it links. */
async function build(signal: AbortSignal): Promise<void> {
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const peers = async () => {
    await metricsServerProgram(say, either);
    await recommenderProgram(say, either);
  };
  const ended = await Promise.allSettled(
    [clusterBinaries(say, either), peers()].map(async (one) => {
      await one.catch((error: unknown) => {
        failing.abort(error);
        throw error;
      });
    }),
  );
  const [failure] = ended.filter((each) => each.status === 'rejected');
  if (failure !== undefined) throw failing.signal.reason;
}

type Change = Extract<
  ClusterCommand,
  { readonly command: 'down' | 'import' | 'cut' | 'heal' | 'kill' | 'start' }
>;

async function change(cluster: Cluster, asked: Change): Promise<void> {
  switch (asked.command) {
    case 'down':
      await cluster.down();
      return say(`cluster ${cluster.name} is gone`);
    case 'import':
      await cluster.importImage(resolve(asked.file));
      return say(`${asked.file} is on every node`);
    case 'cut':
    case 'heal':
      return await cluster.network?.[asked.command](asked.node);
    case 'kill':
    case 'start':
      return await cluster.power?.[asked.command](asked.node);
  }
}

async function up({
  name = defaultName,
  nodes,
  images,
}: Extract<ClusterCommand, { command: 'up' }>): Promise<void> {
  if (clusterFolders().some((folder) => readClusterState(folder).name === name))
    throw new Error(
      `making cluster ${name}: there is one of this name; "down" ends it, --name gives another name`,
    );
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error(`${signal}: taken down again`)));
  }
  const options = { name, nodes, images: images.map((file) => resolve(file)), owner: 'none' as const };
  const cluster = await startCluster(options, say, stop.signal);
  cluster.api.close();
  process.stdout.write(await statusText(cluster.folder));
}

/** The only cluster there is, or the one of this name. */
function folderOf(name: string | undefined): string {
  const folders = clusterFolders();
  const names = folders.map((folder) => readClusterState(folder).name);
  const wanted =
    name ?? (names.includes(defaultName) ? defaultName : names.length === 1 ? names[0] : undefined);
  const folder = wanted === undefined ? undefined : folders[names.indexOf(wanted)];
  if (folder !== undefined) return folder;
  const there =
    names.length === 0 ? 'there is none; "up" makes one' : `there are ${names.join(', ')}; --name tells`;
  throw new Error(`looking for ${name === undefined ? 'a cluster' : `cluster ${name}`}: ${there}`);
}

async function handOver(
  program: 'kubectl' | 'helm',
  args: readonly string[],
  folder: string,
): Promise<number> {
  const { cluster, network } = await openParts(folder);
  const [command = '', ...words] = [
    ...network.enter(),
    program === 'kubectl' ? cluster.kubectlPath : cluster.helmPath,
    ...args,
  ];
  const child = spawn(command, words, {
    stdio: 'inherit',
    env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
  });
  // Ctrl-C is for the program that has the terminal.
  process.on('SIGINT', () => undefined);
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${errorWords(error)}\n`);
  return 1;
});
