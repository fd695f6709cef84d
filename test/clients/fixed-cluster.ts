import { readFileSync } from 'node:fs';
import { FixtureAgent } from '../../aggregator/src/ingest/fixture-agent.ts';
import { until } from '../kernel/checks/until.ts';
import { type Credentials, serverName, writeCredentials } from '../one-machine/credentials.ts';
import { createMetricsReader } from '../one-machine/metrics-reader.ts';
import { type Ports, TachoPrograms } from '../one-machine/tacho-programs.ts';
import type { AuthorizationRule } from '../stand-ins/kube-apiserver/authorization.ts';
import { type StandInKubeApiserver, startKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import {
  type FixedNode,
  type FixedPod,
  fixedNodes,
  fixedPods,
  nodeObject,
  podObject,
  reportOf,
} from './fixture-objects.ts';

/**
 * A real aggregator that serves fixed figures: agents that do not measure push them, and a stand-in for kube-apiserver
 * stands before it. So what a client prints can be compared word for word.
 */
export interface FixedCluster extends AsyncDisposable {
  readonly apiserver: StandInKubeApiserver;
  /** Text and file of an admin's kubeconfig. */
  readonly kubeconfig: string;
  readonly kubeconfigFile: string;
  /** Adds a pod; resolves when it is served. */
  addPod(pod: FixedPod): Promise<void>;
  /** Takes a pod away from the API server and from what its node reports. */
  deletePod(pod: FixedPod): void;
}

export interface FixedClusterOptions {
  /** More flags of the aggregator. */
  readonly aggregatorArgs?: readonly string[];
  /** Instead of those of the fixture. */
  readonly nodes?: readonly FixedNode[];
  readonly pods?: readonly FixedPod[];
  /** Who may do what, besides admins; as on a cluster unless told. */
  readonly authorize?: AuthorizationRule;
}

/** Shorter than the aggregator's period: a watch has something to say soon. */
const reportEveryMs = 500;

/** Resolves when every node and pod is served. @throws when something cannot be started; then nothing is left */
export async function startFixedCluster(options: FixedClusterOptions = {}): Promise<FixedCluster> {
  const { aggregatorArgs = [], authorize, nodes = fixedNodes } = options;
  const stack = new AsyncDisposableStack();
  try {
    const apiserver = stack.use(
      await startKubeApiserver({ probeIntervalMs: 500, ...(authorize && { authorize }) }),
    );
    for (const node of nodes) apiserver.store.create('nodes', nodeObject(node));
    const pods = [...(options.pods ?? fixedPods)];
    for (const pod of pods) apiserver.store.create('pods', podObject(pod));
    const credentials = stack.adopt(await writeCredentials(apiserver), (written) => written.remove());
    const programs = stack.use(
      new TachoPrograms(credentials, (sentence) => {
        throw new Error(sentence);
      }),
    );
    const aggregator = await programs.startAggregator({ secure: 0, ingest: 0 }, [
      '--metric-resolution=1s',
      ...aggregatorArgs,
    ]);
    await apiserver.registerApiService({
      group: 'metrics.k8s.io',
      versions: ['v1', 'v1beta1'],
      url: `https://127.0.0.1:${aggregator.ports.secure}`,
      caBundle: apiserver.pki.servingCa.certificate,
      serverName,
    });
    stack.use(startAgents(apiserver, credentials, aggregator.ports, { nodes, pods }));
    await allServed(apiserver, nodes, pods);
    return {
      apiserver,
      kubeconfig: credentials.kubeconfig,
      kubeconfigFile: credentials.kubeconfigFile,
      addPod: async (pod) => {
        apiserver.store.create('pods', podObject(pod));
        pods.push(pod);
        await allServed(apiserver, nodes, pods);
      },
      deletePod: (pod) => {
        pods.splice(pods.indexOf(pod), 1);
        apiserver.store.delete('pods', pod.name, pod.namespace);
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Agents of all nodes, reporting the pods that are in the list at that time. */
function startAgents(
  { pki }: StandInKubeApiserver,
  { writeAgentToken }: Credentials,
  { ingest }: Ports,
  { nodes, pods }: { nodes: readonly FixedNode[]; pods: readonly FixedPod[] },
): Disposable {
  const agents = nodes.map((node) => {
    const token = readFileSync(writeAgentToken(node.name), 'utf8');
    const agent = new FixtureAgent(ingest, pki.servingCa.certificate, `Bearer ${token}`);
    agent.say({ hello: { nodeName: node.name, agentVersion: '0.0.0', cgroupMode: 'v2' } });
    return { node, agent };
  });
  const reportAll = () => {
    const sampleMonotonicUsec = Math.round(performance.now() * 1_000);
    for (const { node, agent } of agents) agent.say({ report: reportOf(node, pods, sampleMonotonicUsec) });
  };
  reportAll();
  const timer = setInterval(reportAll, reportEveryMs);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const { agent } of agents) agent[Symbol.dispose]();
    },
  };
}

async function allServed(
  apiserver: StandInKubeApiserver,
  nodes: readonly FixedNode[],
  pods: readonly FixedPod[],
): Promise<void> {
  const reader = createMetricsReader(apiserver);
  try {
    await until(
      'every node and pod is served',
      async () =>
        (await reader.nodes()).items.length === nodes.length &&
        (await reader.pods()).items.length === pods.length,
      20_000,
    );
  } finally {
    reader.close();
  }
}
