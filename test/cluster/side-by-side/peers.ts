import { join } from 'node:path';
import type { MetricsItem } from '../observe/metrics-reads.ts';
import { until } from '../observe/until.ts';
import type { Cluster } from '../rig/cluster.ts';
import { controlPlaneAddress } from '../rig/network.ts';
import { metricsServerProgram } from '../rig/peer-programs.ts';
import type { Answers, Credentials, Questions, Server, SharedRequest } from './exchange.ts';

const program = 'metrics-server';
/** Where metrics-server listens, beside the control plane. */
export const metricsServerPort = 10_350;
const askBoth = join(import.meta.dirname, 'ask-both.ts');

/** Both servers of one cluster. */
export interface Peers {
  ask(
    identities: Readonly<Record<string, Credentials>>,
    requests: readonly SharedRequest[],
  ): Promise<readonly Answers[]>;
  stop(): Promise<void>;
}

/**
 * Starts metrics-server beside the control plane, with the rights of the administrator.
 * @returns what ends it
 * @throws where the cluster was not made here
 */
export async function startMetricsServer(
  cluster: Cluster,
  log: (line: string) => void,
): Promise<() => Promise<void>> {
  const { programs } = cluster;
  if (programs === undefined)
    throw new Error(
      'starting metrics-server: expected a cluster that was made here, found one that was given',
    );
  const metricsServer = await metricsServerProgram(log, new AbortController().signal);
  const kubeconfigs = ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'];
  await programs.stop(program);
  await programs.start(program, [
    metricsServer,
    ...kubeconfigs.map((flag) => `--${flag}=${cluster.kubeconfig}`),
    ...[`--bind-address=${controlPlaneAddress}`, `--secure-port=${metricsServerPort}`],
    `--cert-dir=${join(cluster.folder, 'metrics-server-certificates')}`,
    ...['--kubelet-insecure-tls', '--kubelet-preferred-address-types=InternalIP'],
    // The shortest that it takes; a request to a kubelet must end earlier.
    ...['--metric-resolution=10s', '--kubelet-request-timeout=5s'],
  ]);
  return () => programs.stop(program);
}

/** Lists `nodes` or `pods` at metrics-server itself: the APIServices are tacho's. @throws when the answer is none */
export async function listOfMetricsServer(
  cluster: Cluster,
  resource: 'nodes' | 'pods',
): Promise<readonly MetricsItem[]> {
  const text = await cluster.kubectl([
    ...['--server', `https://${controlPlaneAddress}:${metricsServerPort}`, '--insecure-skip-tls-verify'],
    ...['get', '--raw', `/apis/metrics.k8s.io/v1beta1/${resource}`],
  ]);
  return (JSON.parse(text) as { items: MetricsItem[] }).items;
}

/** Starts metrics-server, and finds a replica of tacho. The APIServices stay tacho's. */
export async function startPeers(cluster: Cluster, log: (line: string) => void): Promise<Peers> {
  const stop = await startMetricsServer(cluster, log);
  const urls: Readonly<Record<Server, string>> = {
    tacho: `https://${await replicaAddress(cluster)}:10250`,
    metricsServer: `https://${controlPlaneAddress}:${metricsServerPort}`,
  };
  return {
    async ask(identities, requests) {
      const input = JSON.stringify({ urls, identities, requests } satisfies Questions);
      const { code, stdout, stderr } = await cluster.run([process.execPath, askBoth], {
        input,
        timeoutMs: 240_000,
      });
      if (code !== 0)
        throw new Error(
          `asking both servers: ${stderr}\nmetrics-server says:\n${cluster.programs?.tail(program)}`,
        );
      return JSON.parse(stdout) as readonly Answers[];
    },
    stop,
  };
}

/** Of the first ready replica: kube-apiserver asks either, a comparison only one. */
export async function replicaAddress(cluster: Cluster): Promise<string> {
  const { value } = await until('a ready replica of tacho', 60, async () => {
    const text = await cluster.kubectl([
      ...['-n', 'kube-system', 'get', 'endpointslices', '-l', 'kubernetes.io/service-name=tacho-aggregator'],
      ...['-o', 'jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}'],
    ]);
    return text.split(' ').find((address) => address !== '');
  });
  return value;
}
