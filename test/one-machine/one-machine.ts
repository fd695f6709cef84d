import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  admin,
  type StandInKubeApiserver,
  startKubeApiserver,
} from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import type { CertificateAndKey } from '../stand-ins/kube-apiserver/pki.ts';
import type { PodSpec } from '../stand-ins/kubelet/pod-spec.ts';
import { newRunName } from '../stand-ins/kubelet/run-name.ts';
import { startWorkloads, type Workloads } from '../stand-ins/kubelet/workloads.ts';
import { nodeObject, podObject } from './core-objects.ts';
import { type Program, startProgram } from './program.ts';

/** How to set the machine up. */
export interface OneMachineOptions {
  /** `--metric-resolution` and `--window` of the aggregator; its defaults when not given. */
  readonly metricResolution?: string;
  readonly window?: string;
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

const agentMain = new URL('../../agent/src/main.ts', import.meta.url);
const aggregatorMain = new URL('../../aggregator/src/main.ts', import.meta.url);
const serverName = 'tacho-aggregator.tacho.svc';
const aggregatorUser = 'system:serviceaccount:tacho:tacho-aggregator';
const agentAccount = 'tacho/tacho-agent';
const audience = 'tacho-aggregator';

/** Sets everything up. @throws when something cannot be started; then nothing is left either */
export async function startOneMachine(options: OneMachineOptions = {}): Promise<OneMachine> {
  const progress = options.progress ?? (() => undefined);
  const nodeName = hostname().toLowerCase();
  const folder = join(tmpdir(), newRunName(process.pid));
  mkdirSync(folder, { mode: 0o700 });
  const file = (name: string) => join(folder, name);
  const stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
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
    const apiserver = stack.use(await startKubeApiserver({ probeIntervalMs: 5_000 }));
    apiserver.store.create('nodes', nodeObject(nodeName));

    progress('starting workloads in cgroups of their own');
    const outcome = await startWorkloads({
      ...(options.pods === undefined ? {} : { pods: options.pods }),
      onRestart: ({ pod }) => apiserver.store.update('pods', podObject(pod, nodeName)),
      onFailure: (failure) => fail(failure.message),
    });
    const workloads = outcome.kind === 'running' ? outcome : undefined;
    if (workloads !== undefined) stack.defer(() => workloads.close());
    for (const pod of workloads?.pods ?? []) apiserver.store.create('pods', podObject(pod, nodeName));

    const serving = await apiserver.pki.servingCa.issueServing([serverName, 'localhost', '127.0.0.1']);
    const kubeconfig = await apiserver.kubeconfig(admin);
    writeServing(file, apiserver, serving);
    writeFileSync(
      file('aggregator-kubeconfig'),
      await apiserver.kubeconfig({ token: aggregatorToken(apiserver) }),
      {
        mode: 0o600,
      },
    );
    writeFileSync(file('kubeconfig'), kubeconfig, { mode: 0o600 });

    const startAggregator = async (ports: { secure: number; ingest: number }) => {
      const program = startProgram(
        'aggregator',
        aggregatorMain,
        [
          '--bind-address=127.0.0.1',
          `--secure-port=${ports.secure}`,
          `--ingest-port=${ports.ingest}`,
          `--tls-cert-file=${file('serving.crt')}`,
          `--tls-private-key-file=${file('serving.key')}`,
          `--kubeconfig=${file('aggregator-kubeconfig')}`,
          `--agent-service-account=${agentAccount}`,
          `--agent-audience=${audience}`,
          ...(options.metricResolution === undefined
            ? []
            : [`--metric-resolution=${options.metricResolution}`]),
          ...(options.window === undefined ? [] : [`--window=${options.window}`]),
        ],
        { logFile: file('aggregator.log') },
      );
      watchOver(program);
      const listens = await program.logged('aggregator listens');
      return { program, secure: Number(listens['securePort']), ingest: Number(listens['ingestPort']) };
    };
    const expected = new Set<Program>();
    const watchOver = (program: Program) => {
      void program.ended.then((how) => {
        if (!expected.has(program)) fail(`${how}; its last words:\n${program.tail()}`);
      });
    };

    progress('starting the aggregator');
    let aggregator = await startAggregator({ secure: 0, ingest: 0 });
    stack.defer(() => {
      expected.add(aggregator.program);
      return aggregator.program.stop();
    });
    await apiserver.registerApiService({
      group: 'metrics.k8s.io',
      versions: ['v1', 'v1beta1'],
      url: `https://127.0.0.1:${aggregator.secure}`,
      caBundle: apiserver.pki.servingCa.certificate,
      serverName,
    });

    const startAgent = (node: string) => {
      writeFileSync(file(`token-${node}`), agentToken(apiserver, node), { mode: 0o600 });
      const program = startProgram(
        'agent',
        agentMain,
        [
          `--aggregator=127.0.0.1:${aggregator.ingest}`,
          `--aggregator-server-name=${serverName}`,
          `--aggregator-ca-file=${file('ca.crt')}`,
          `--token-file=${file(`token-${node}`)}`,
          `--node-name=${node}`,
          ...(workloads === undefined
            ? []
            : [`--kubepods-path=${workloads.kubepodsPath}`, `--container-logs=${workloads.containerLogs}`]),
        ],
        { logFile: file(`agent-${node}.log`) },
      );
      watchOver(program);
      return program;
    };
    progress('starting the agent');
    let agent = startAgent(nodeName);
    stack.defer(() => {
      expected.add(agent);
      return agent.stop();
    });

    return {
      nodeName,
      apiserver,
      workloads,
      refusal: outcome.kind === 'running' ? undefined : outcome.reason,
      kubeconfig,
      kubeconfigFile: file('kubeconfig'),
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
        const program = startAgent(name);
        stack.defer(() => {
          expected.add(program);
          return program.stop();
        });
        return program;
      },
      async restartAgent() {
        expected.add(agent);
        await agent.kill();
        agent = startAgent(nodeName);
      },
      async restartAggregator() {
        expected.add(aggregator.program);
        await aggregator.program.kill();
        aggregator = await startAggregator(aggregator);
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function aggregatorToken(apiserver: StandInKubeApiserver): string {
  return apiserver.issueToken({
    username: aggregatorUser,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:tacho', 'system:authenticated'],
  });
}

/** The token that the chart's projected volume gives an agent. */
function agentToken(apiserver: StandInKubeApiserver, nodeName: string): string {
  return apiserver.issueToken({
    username: `system:serviceaccount:${agentAccount.replace('/', ':')}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:tacho', 'system:authenticated'],
    audiences: [audience],
    extra: {
      'authentication.kubernetes.io/pod-name': [`tacho-agent-${nodeName}`],
      'authentication.kubernetes.io/pod-uid': [randomUUID()],
      'authentication.kubernetes.io/node-name': [nodeName],
    },
  });
}

/** The aggregator's certificate and, for agents, the CA that has signed it. */
function writeServing(
  file: (name: string) => string,
  apiserver: StandInKubeApiserver,
  serving: CertificateAndKey,
): void {
  writeFileSync(file('ca.crt'), apiserver.pki.servingCa.certificate);
  writeFileSync(file('serving.crt'), serving.certificate);
  writeFileSync(file('serving.key'), serving.key, { mode: 0o600 });
}
