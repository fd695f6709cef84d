import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { errorWords } from '@tacho/command-line';
import manifest from '../../../package.json' with { type: 'json' };
import { clusterBinaries } from './binaries.ts';
import { writeCertificates } from './certificates.ts';
import type { Cluster } from './cluster.ts';
import {
  type ClusterState,
  clusterFolders,
  makeClusterFolder,
  readClusterState,
  writeClusterState,
} from './cluster-state.ts';
import type { Log } from './go-build.ts';
import { writeBaseImages } from './images.ts';
import { parseNodes } from './node.ts';
import { nodeFolder, writeNodeFiles } from './node-files.ts';
import { type ClusterParts, openCluster, openParts } from './open-cluster.ts';
import { isAlive, type ProcessIdentity, readProcessStat } from './process-identity.ts';
import { whyNoCluster } from './requirements.ts';
import { waitWhileMissing } from './wait-while-missing.ts';

const { version } = manifest;

export interface ClusterOptions {
  /** Such as `['n1', 's2', 'v3']`: the letter is the kind, the digit its number. */
  readonly nodes: readonly string[];
  /** By default the number of this process. */
  readonly name?: string;
  /** Whose end means that the cluster may go; this process unless told. */
  readonly owner?: ProcessIdentity | 'none';
  /** After so many seconds of silence a node is Unknown; 50 unless told, as in Kubernetes. */
  readonly graceSeconds?: number;
  /** A kubelet renews its lease each quarter of this; 40 unless told. */
  readonly leaseSeconds?: number;
  /** Name of tacho's image, for those who install it; that of `npm run image` unless told. */
  readonly tacho?: string;
  /** Archives that every node imports while it boots. */
  readonly images?: readonly string[];
}

const defaultTachoImage = `localhost/tacho:${version}`;
const nodesReadyWithinMs = 240_000;

/**
 * Makes a cluster and resolves when every node is Ready and has its images. What fails half-way, and what is aborted, is
 * taken down again.
 */
export async function startCluster(options: ClusterOptions, log: Log, signal: AbortSignal): Promise<Cluster> {
  const nodes = parseNodes(options.nodes);
  const reason = whyNoCluster(nodes);
  if (reason !== undefined) throw new Error(reason);
  await sweepClusters(log);
  const binaries = await clusterBinaries(log, signal);
  const { owner = thisProcess(), name = `${process.pid}` } = options;
  const startMs = performance.now();
  const folder = makeClusterFolder(name);
  const state: ClusterState = {
    name,
    nodes: options.nodes,
    binaries,
    tacho: options.tacho ?? defaultTachoImage,
    graceSeconds: options.graceSeconds ?? 50,
    leaseSeconds: options.leaseSeconds ?? 40,
  };
  // Until it is whole somebody must answer for it.
  writeClusterState(folder, { ...state, owner: owner === 'none' ? thisProcess() : owner });
  const parts = await openParts(folder);
  try {
    await boot(parts, options, log, signal);
  } catch (error) {
    await parts.cluster.down().catch((cause: unknown) => {
      throw new AggregateError(
        [error, cause],
        `${errorWords(error)}; taking the cluster down: ${errorWords(cause)}`,
      );
    });
    throw error;
  }
  if (owner === 'none') writeClusterState(folder, state);
  log(`cluster ${name} is ready after ${seconds(startMs)}`);
  return parts.cluster;
}

/** Takes down every cluster whose owner has ended without doing so. */
export async function sweepClusters(log: Log): Promise<void> {
  await downWhere(({ owner }) => owner !== undefined && !isAlive(owner), log);
}

/** Takes down what this process started, or what was started for it, and is still there. */
export async function downOwned(ownerPid: number, log: Log): Promise<void> {
  await downWhere(({ owner }) => owner?.pid === ownerPid, log);
}

async function downWhere(applies: (state: ClusterState) => boolean, log: Log): Promise<void> {
  for (const folder of clusterFolders()) {
    const state = readClusterState(folder);
    if (!applies(state)) continue;
    log(`taking down cluster ${state.name} of process ${state.owner?.pid}`);
    await (await openCluster(folder)).down();
  }
}

async function boot(
  parts: ClusterParts,
  options: ClusterOptions,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, nodes, network, controlPlane, images, processes, startNode } = parts;
  const { folder } = cluster;
  const { leaseSeconds } = readClusterState(folder);
  const startMs = performance.now();
  const archives = await allDone(
    (options.images ?? []).map((file) => images.add(file)),
    writeBaseImages(images.folder),
    writeCertificates(join(folder, 'pki'), nodes),
    network.up(),
  );
  for (const node of nodes) writeNodeFiles(node, { folder, leaseSeconds });
  await processes.start(
    'kubectl-proxy',
    [...network.enter(), cluster.kubectlPath, 'proxy', `--unix-socket=${join(folder, 'api.sock')}`],
    { KUBECONFIG: cluster.kubeconfig, HOME: folder },
  );
  log(`booting ${options.nodes.join(', ')} and starting the control plane`);
  // Kernels boot and images are unpacked while kube-apiserver starts.
  for (const node of nodes) await startNode(node);
  await controlPlane.start(signal);
  log(`control plane ready after ${seconds(startMs)}`);
  const missing = () => notReady(parts);
  await waitWhileMissing('every node Ready', missing, { atMostMs: nodesReadyWithinMs, signal, everyMs: 500 });
  log(`nodes ready after ${seconds(startMs)}`);
  for (const archive of archives) await images.imported(archive, options.nodes, signal);
}

/** Waits for all, also when one fails: what still runs would make files that nobody removes. */
async function allDone<Value>(
  values: readonly Promise<Value>[],
  ...others: readonly Promise<void>[]
): Promise<readonly Value[]> {
  await Promise.allSettled([...values, ...others]);
  await Promise.all(others);
  return await Promise.all(values);
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

async function notReady({ cluster, processes }: ClusterParts): Promise<string | undefined> {
  const { status, body } = await cluster.api.get('/api/v1/nodes');
  if (status !== 200) return `kube-apiserver answers ${status}: ${body}`;
  const ready = new Set(
    (JSON.parse(body) as NodeList).items
      .filter(({ status }) =>
        status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True'),
      )
      .map(({ metadata }) => metadata.name),
  );
  const missing = cluster.nodes.map(({ name }) => name).filter((name) => !ready.has(name));
  for (const name of missing) {
    if (!processes.isRunning(name))
      throw new Error(
        `booting ${name}: it has ended:\n${processes.tail(name)}\n${kubeletTail(cluster.folder, name)}`,
      );
  }
  const [first] = missing;
  return first === undefined
    ? undefined
    : `not Ready: ${missing.join(', ')}; the kubelet of ${first} says:\n${kubeletTail(cluster.folder, first)}`;
}

function kubeletTail(folder: string, node: string): string {
  try {
    const log = readFileSync(join(nodeFolder(folder, node), 'out', 'kubelet.log'), 'utf8');
    return log.trimEnd().split('\n').slice(-8).join('\n');
  } catch {
    return '(nothing yet)';
  }
}

export function thisProcess(): ProcessIdentity {
  const stat = readProcessStat(process.pid);
  if (stat === undefined) throw new Error('reading /proc/self/stat: expected a line of proc(5)');
  return { pid: stat.pid, startTicks: stat.startTicks };
}

const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
