import type { DebugState } from '../../../agent/src/debug/debug-state.ts';
import { agentPodOf } from '../install.ts';
import type { Cluster } from '../rig/cluster.ts';

const getThroughPortForward = new URL('./port-forwarded-get.ts', import.meta.url).pathname;

/** Reads /debug/state of a node's agent as a person would: through `kubectl port-forward`. */
export async function readAgentState(cluster: Cluster, node: string): Promise<DebugState> {
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
  return JSON.parse(stdout) as DebugState;
}
