import { agentPodOf } from '../install.ts';
import type { Cluster } from '../rig/cluster.ts';

/** What the agent read of one cgroup at one instant. */
export interface AgentReading {
  readonly at: string;
  readonly cpuUsageUsec: number;
  readonly memoryWorkingSetBytes: number;
  readonly swapBytes?: number;
}

/** What the agent's debug endpoint says; only what the tests look at. */
export interface AgentState {
  readonly node: {
    readonly name: string;
    readonly cgroupMode: string;
    readonly counters: readonly AgentReading[];
  };
  readonly pods: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly counters: readonly AgentReading[];
    readonly containers: readonly {
      readonly name: string;
      readonly containerId: string;
      readonly restartCount: number;
      readonly startedAt?: string;
      readonly counters: readonly AgentReading[];
      readonly why?: string;
    }[];
  }[];
  readonly replicas: readonly { readonly address: string; readonly connected: boolean }[];
  readonly periodUsec: number;
}

const getThroughPortForward = new URL('./port-forwarded-get.ts', import.meta.url).pathname;

/** Reads /debug/state of a node's agent as a person would: through `kubectl port-forward`. */
export async function readAgentState(cluster: Cluster, node: string): Promise<AgentState> {
  const pod = await agentPodOf(cluster, node);
  const { code, stdout, stderr } = await cluster.run(
    [
      process.execPath,
      getThroughPortForward,
      cluster.kubectlPath,
      'kube-system',
      pod,
      '10252',
      '/debug/state',
    ],
    { timeoutMs: 60_000 },
  );
  if (code !== 0) throw new Error(`Cannot read the agent's state on ${node}: ${stderr}`);
  return JSON.parse(stdout) as AgentState;
}
