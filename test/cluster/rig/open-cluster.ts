import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { createClusterCommands } from './cluster-commands.ts';
import { readClusterState } from './cluster-state.ts';
import { type ControlPlane, createControlPlane } from './control-plane.ts';
import { busyboxImage } from './images.ts';
import { createKubernetesApi } from './kubernetes-api.ts';
import { createNetwork, type Network } from './network.ts';
import { parseNodes, type RigNode } from './node.ts';
import { nodeFolder } from './node-files.ts';
import { createNodeImages, type NodeImages } from './node-images.ts';
import type { NodeKind } from './node-kind.ts';
import { createProcesses, type Processes } from './processes.ts';
import { createUmlNodes } from './uml-node.ts';
import { createV1Nodes } from './v1-node.ts';

/** The parts of a cluster in one folder; making them starts nothing. */
export interface ClusterParts {
  readonly cluster: Cluster;
  readonly nodes: readonly RigNode[];
  readonly processes: Processes;
  readonly network: Network;
  readonly controlPlane: ControlPlane;
  readonly images: NodeImages;
  startNode(node: RigNode): Promise<void>;
}

const noLimit = new AbortController().signal;

/** A cluster that somebody started, here or in another process. @throws when the folder is not one of a cluster */
export async function openCluster(folder: string): Promise<Cluster> {
  return (await openParts(folder)).cluster;
}

export async function openParts(folder: string): Promise<ClusterParts> {
  const state = readClusterState(folder);
  const nodes = parseNodes(state.nodes);
  const processes = createProcesses(folder);
  const network = createNetwork(folder);
  const api = createKubernetesApi(join(folder, 'api.sock'));
  const images = createNodeImages(folder);
  const controlPlane = createControlPlane({ processes, network, api }, { folder, ...state });
  const kinds: Readonly<Record<RigNode['kernel'], NodeKind>> = {
    uml: createUmlNodes({ processes, network }, { folder, binaries: state.binaries }),
    host: createV1Nodes(
      { processes, network },
      { folder, binaries: state.binaries, clusterName: basename(folder) },
    ),
  };
  const kubeconfig = join(folder, 'pki', 'admin.conf');
  const kubectlPath = join(state.binaries, 'kubectl');
  const commands = await createClusterCommands({ folder, kubeconfig, enter: network.enter(), kubectlPath });

  function nodeOf(name: string): RigNode {
    const node = nodes.find((each) => each.name === name);
    if (node !== undefined) return node;
    throw new Error(`no node "${name}" in this cluster: it has ${state.nodes.join(', ')}`);
  }
  const startNode = (node: RigNode) => kinds[node.kernel].start(node);
  const staticPod = (node: string, file: string) =>
    join(nodeFolder(folder, nodeOf(node).name), 'static-pods', file);

  const cluster: Cluster = {
    name: state.name,
    folder,
    kubeconfig,
    nodes,
    tacho: state.tacho,
    busybox: busyboxImage,
    api,
    ...commands,
    async importImage(file) {
      await images.imported(await images.add(file), state.nodes, noLimit);
    },
    power: {
      kill: (name) => kinds[nodeOf(name).kernel].kill(nodeOf(name)),
      async start(name) {
        if (processes.isRunning(name)) throw new Error(`starting ${name}: it is running`);
        await startNode(nodeOf(name));
      },
    },
    network: {
      cut: (name) => network.cut(nodeOf(name).number),
      heal: (name) => network.heal(nodeOf(name).number),
    },
    controlPlane,
    programs: {
      start: (name, argv, env) => processes.start(name, [...network.enter(), ...argv], env),
      isRunning: processes.isRunning,
      stop: (name) => processes.stop(name, 'SIGTERM'),
      tail: processes.tail,
    },
    staticPods: {
      put: (node, file, manifest) => writeFile(staticPod(node, file), manifest),
      remove: (node, file) => rm(staticPod(node, file), { force: true }),
    },
    async down() {
      api.close();
      await processes.stopAll();
      for (const node of nodes) await kinds[node.kernel].kill(node);
      await network.down();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return { cluster, nodes, processes, network, controlPlane, images, startNode };
}
