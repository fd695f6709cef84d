import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { builtBinaries } from './binaries.ts';
import type { Cluster, ClusterNode } from './cluster.ts';
import { createClusterCommands } from './cluster-commands.ts';
import { createKubernetesApi, type KubernetesApi } from './kubernetes-api.ts';
import { waitWhileMissing } from './wait-while-missing.ts';

export interface ExternalClusterOptions {
  /** Path; its current context is used, and must be an administrator's. */
  readonly kubeconfig: string;
  /** Images that its nodes can have: they cannot be given any from here. */
  readonly tacho: string;
  readonly busybox: string;
}

const proxyWithinMs = 20_000;

/** A cluster that was made elsewhere: the same to a test, without power, network, control plane and static pods. */
export async function externalCluster(
  options: ExternalClusterOptions,
  signal: AbortSignal,
): Promise<Cluster> {
  const kubeconfig = resolve(options.kubeconfig);
  const folder = await mkdtemp(join(tmpdir(), 'tacho-external-'));
  const binaries = await builtBinaries();
  const commands = await createClusterCommands({
    folder,
    kubeconfig,
    enter: [],
    ...(binaries === undefined ? {} : { kubectlPath: join(binaries, 'kubectl') }),
  });
  const socket = join(folder, 'api.sock');
  const proxyArgs = ['--pdeathsig', 'KILL', commands.kubectlPath, 'proxy', `--unix-socket=${socket}`];
  const proxy = spawn('setpriv', proxyArgs, {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(proxy, 'close');
  const api = createKubernetesApi(socket);
  async function down(): Promise<void> {
    api.close();
    proxy.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
  try {
    const answers = () =>
      api.get('/version').then(
        ({ status, body }) => (status === 200 ? undefined : `/version says ${status} ${body}`),
        (error: unknown) => String(error),
      );
    await waitWhileMissing(`the cluster of ${kubeconfig} answers`, answers, {
      atMostMs: proxyWithinMs,
      signal,
    });
    return {
      name: 'external',
      folder,
      kubeconfig,
      nodes: await nodesOf(api),
      tacho: options.tacho,
      busybox: options.busybox,
      api,
      ...commands,
      // It has to be where the nodes can pull it.
      importImage: async () => undefined,
      down,
    };
  } catch (error) {
    await down();
    throw error;
  }
}

async function nodesOf(api: KubernetesApi): Promise<readonly ClusterNode[]> {
  const list = JSON.parse(await bodyOf(api, '/api/v1/nodes')) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  return await Promise.all(
    list.items.map(async ({ metadata: { name } }) => {
      const kubelet = `/api/v1/nodes/${name}/proxy`;
      const metrics = await bodyOf(api, `${kubelet}/metrics`);
      const { kubeletconfig } = JSON.parse(await bodyOf(api, `${kubelet}/configz`)) as {
        readonly kubeletconfig: { readonly cgroupDriver: ClusterNode['driver'] };
      };
      // Kubernetes 1.31 and later.
      const cgroup = /^kubelet_cgroup_version 1$/m.test(metrics) ? 'v1' : 'v2';
      return { name, cgroup, driver: kubeletconfig.cgroupDriver };
    }),
  );
}

async function bodyOf(api: KubernetesApi, path: string): Promise<string> {
  const { status, body } = await api.get(path);
  if (status === 200) return body;
  throw new Error(`GET ${path} of the given cluster: expected 200, found ${status}: ${body}`);
}
