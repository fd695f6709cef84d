import { hostname } from 'node:os';
import { type StandInKubeApiserver, startKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import type { PodSpec } from '../stand-ins/kubelet/pod-spec.ts';
import { startWorkloads, type Workloads } from '../stand-ins/kubelet/workloads.ts';
import { nodeObject, podObject } from './core-objects.ts';
import { serverName, writeCredentials } from './credentials.ts';
import { hostPods } from './host-pods.ts';
import type { Program } from './program.ts';
import { TachoPrograms } from './tacho-programs.ts';

/** How to set the machine up. */
export interface OneMachineOptions {
  /** `--metric-resolution` and `--window` of the aggregator; its defaults when not given. */
  readonly metricResolution?: string;
  readonly window?: string;
  /** More flags of the agents. */
  readonly agentArgs?: readonly string[] | ((kubeconfigFile: string) => readonly string[]);
  /** The workloads to begin with; the demo's when not given. */
  readonly pods?: readonly PodSpec[];
  /** Told what is being done, for a person who waits. */
  readonly progress?: (step: string) => void;
  readonly onFailure?: (sentence: string) => void;
}

/** A whole tacho on this machine: real agent, real aggregator, real cgroups; only kube-apiserver is a stand-in. */
export interface OneMachine extends AsyncDisposable {
  readonly nodeName: string;
  readonly apiserver: StandInKubeApiserver;
  /** Undefined where this user may not make cgroups; then `refusal` says why. */
  readonly workloads: Workloads | undefined;
  readonly refusal: string | undefined;
  /** Text and file of an admin's kubeconfig. */
  readonly kubeconfig: string;
  readonly kubeconfigFile: string;
  readonly agent: Program;
  readonly aggregator: Program;
  addPod(spec: PodSpec): Promise<void>;
  deletePod(name: string): Promise<void>;
  /** Adds a node to the cluster: another agent, on the same machine. */
  addNode(name: string): Program;
  /** Ends the agent with SIGKILL and starts it anew; resolves when the new process exists. */
  restartAgent(): Promise<void>;
  /** Ends the aggregator with SIGKILL and starts it anew on the same ports; resolves when it listens. */
  restartAggregator(): Promise<void>;
  /** Ends and removes everything. Again is fine. */
  close(): Promise<void>;
}

const hostContainerLogs = '/var/log/containers';

/** Sets everything up. @throws when something cannot be started; then nothing is left either */
export async function startOneMachine(options: OneMachineOptions = {}): Promise<OneMachine> {
  const progress = options.progress ?? (() => undefined);
  const nodeName = hostname().toLowerCase();
  const stack = new AsyncDisposableStack();
  let closing = false;
  const close = async () => {
    closing = true;
    await stack.disposeAsync();
  };
  const fail = (sentence: string) => {
    if (!closing) options.onFailure?.(sentence);
  };

  try {
    progress('starting the stand-in for kube-apiserver');
    const apiserver = stack.use(await startKubeApiserver({ probeIntervalMs: 500 }));
    apiserver.store.create('nodes', nodeObject(nodeName));
    const credentials = stack.adopt(await writeCredentials(apiserver), (written) => written.remove());

    progress('starting the aggregator');
    const programs = stack.use(new TachoPrograms(credentials, fail));
    const aggregatorArgs = [
      ...(options.metricResolution === undefined ? [] : [`--metric-resolution=${options.metricResolution}`]),
      ...(options.window === undefined ? [] : [`--window=${options.window}`]),
    ];
    let aggregator = await programs.startAggregator({ secure: 0, ingest: 0 }, aggregatorArgs);
    await apiserver.registerApiService({
      group: 'metrics.k8s.io',
      versions: ['v1', 'v1beta1'],
      url: `https://127.0.0.1:${aggregator.ports.secure}`,
      caBundle: apiserver.pki.servingCa.certificate,
      serverName,
    });

    // After the aggregator: on a slow machine they would take from it what it needs to be loaded.
    progress('starting workloads in cgroups of their own');
    const outcome = await startWorkloads({
      ...(options.pods === undefined ? {} : { pods: options.pods }),
      onRestart: ({ pod }) => apiserver.store.update('pods', podObject(pod, nodeName)),
      onFailure: (failure) => fail(failure.message),
    });
    const workloads = outcome.kind === 'running' ? outcome : undefined;
    if (workloads !== undefined) stack.defer(() => workloads.close());
    const pods =
      workloads === undefined
        ? hostPods(hostContainerLogs, nodeName)
        : workloads.pods.map((pod) => podObject(pod, nodeName));
    for (const pod of pods) apiserver.store.create('pods', pod);

    progress('starting the agent');
    const workloadArgs =
      workloads === undefined
        ? []
        : [`--kubepods-path=${workloads.kubepodsPath}`, `--container-logs=${workloads.containerLogs}`];
    const { agentArgs: moreArgs = [] } = options;
    const agentArgs = [
      ...workloadArgs,
      ...(typeof moreArgs === 'function' ? moreArgs(credentials.kubeconfigFile) : moreArgs),
    ];
    const startAgent = (name: string) => programs.startAgent(name, aggregator.ports, agentArgs);
    let agent = startAgent(nodeName);

    return {
      nodeName,
      apiserver,
      workloads,
      refusal: outcome.kind === 'running' ? undefined : outcome.reason,
      kubeconfig: credentials.kubeconfig,
      kubeconfigFile: credentials.kubeconfigFile,
      get agent() {
        return agent;
      },
      get aggregator() {
        return aggregator.program;
      },
      async addPod(spec) {
        if (workloads === undefined) throw new Error('Cannot add a pod: this user may not make cgroups');
        apiserver.store.create('pods', podObject(await workloads.addPod(spec), nodeName));
      },
      async deletePod(name) {
        for (const pod of workloads?.pods ?? []) {
          if (pod.name === name) apiserver.store.delete('pods', name, pod.namespace);
        }
        await workloads?.deletePod(name);
      },
      addNode(name) {
        apiserver.store.create('nodes', nodeObject(name));
        return startAgent(name);
      },
      async restartAgent() {
        await programs.kill(agent);
        agent = startAgent(nodeName);
      },
      async restartAggregator() {
        await programs.kill(aggregator.program);
        aggregator = await programs.startAggregator(aggregator.ports, aggregatorArgs);
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
