import { nodeObject, podObject } from '../one-machine/core-objects.ts';
import { serverName, writeCredentials } from '../one-machine/credentials.ts';
import { TachoPrograms } from '../one-machine/tacho-programs.ts';
import { startKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import type { PodSpec } from '../stand-ins/kubelet/pod-spec.ts';
import { startWorkloads, type Workloads } from '../stand-ins/kubelet/workloads.ts';

/** Real aggregators, until they are disposed of. */
export interface StartedAggregators extends AsyncDisposable {
  /** What an agent must be told to push to them what the workloads use. */
  readonly agentArgs: readonly string[];
}

/** Everything that an agent under measurement has around it. */
export interface AgentStage extends AsyncDisposable {
  readonly workloads: Workloads;
  /** @param resolution their `--metric-resolution` */
  startAggregators(count: number, resolution: string): Promise<StartedAggregators>;
}

const nodeName = 'measured';

/** @throws when this user may not make cgroups */
export async function startAgentStage(pods: readonly PodSpec[]): Promise<AgentStage> {
  await using stack = new AsyncDisposableStack();
  const apiserver = stack.use(await startKubeApiserver());
  apiserver.store.create('nodes', nodeObject(nodeName));
  const credentials = stack.adopt(await writeCredentials(apiserver), (written) => written.remove());
  const workloads = await startWorkloads({ pods });
  if (workloads.kind !== 'running') throw new Error(workloads.reason);
  stack.defer(() => workloads.close());
  for (const pod of workloads.pods) apiserver.store.create('pods', podObject(pod, nodeName));
  const token = credentials.writeAgentToken(nodeName);
  const started = stack.move();
  return {
    workloads,
    async startAggregators(count, resolution) {
      await using programs = new AsyncDisposableStack();
      const running = programs.use(
        new TachoPrograms(credentials, (sentence) => {
          throw new Error(sentence);
        }),
      );
      const addresses: string[] = [];
      for (let made = 0; made < count; made += 1) {
        const ports = { secure: 0, ingest: 0 };
        const args = [`--metric-resolution=${resolution}`];
        addresses.push(`127.0.0.1:${(await running.startAggregator(ports, args)).ports.ingest}`);
      }
      const kept = programs.move();
      return {
        agentArgs: [
          ...addresses.map((address) => `--aggregator=${address}`),
          `--aggregator-server-name=${serverName}`,
          `--aggregator-ca-file=${credentials.path('ca.crt')}`,
          `--token-file=${token}`,
          `--node-name=${nodeName}`,
          `--kubepods-path=${workloads.kubepodsPath}`,
          `--container-logs=${workloads.containerLogs}`,
        ],
        [Symbol.asyncDispose]: () => kept.disposeAsync(),
      };
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
