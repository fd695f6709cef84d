import type { NodeReport } from '@tacho/proto';
import type { ReplicaStatus } from '../../../push/src/replicas.ts';
import { type ClockPair, rfc3339 } from '../debug/counter-points.ts';
import type {
  DebugError,
  DebugState,
  NotReportedState,
  PodDetail,
  ReplicaState,
} from '../debug/debug-state.ts';
import type { MeasuredNode } from '../debug/kubelet/measured-values.ts';
import { type Reason, reasonIn, reasonOf } from '../debug/reason.ts';
import type { StateOptions } from '../debug/state-events.ts';
import type { NotReported, PodName } from '../pods/not-reported.ts';
import type { WholePod } from '../sampling/node-containers.ts';
import type { SlowFile } from '../signals/signal-values.ts';
import type { Signals } from '../signals/signals.ts';
import type { KernelTexts } from './kernel-texts.ts';
import { type MeasuredNodeDeps, measuredNode } from './measured-node.ts';
import { nodeState } from './node-state.ts';

/** Who names containers, as far as somebody who asks for one is told. */
export interface NamesState {
  /** Why nothing can be named at present; undefined when all is well. */
  readonly problem: string | undefined;
  /** Pods of which only the whole can be measured. */
  wholePods?(): readonly WholePod[];
  /** The cgroups in which all pods lie. */
  readonly kubepodsRoots?: readonly string[];
  /** What is not reported because it has no name or no cgroup. @param pod this one is enough; may have others too */
  notReported(pod?: PodName): readonly NotReported[];
}

/** What the agent's state is put together from. */
export interface AgentStateDeps
  extends Pick<MeasuredNodeDeps, 'sampler' | 'podCgroups' | 'bootedAtMs' | 'memoryTotalBytes' | 'madeAtMs'> {
  readonly agentVersion: string;
  readonly nodeName: string;
  readonly cgroupMode: string;
  readonly periodUsec: () => number;
  readonly windowUsec: () => number;
  /** What was pushed last. */
  readonly latest: { readonly report: NodeReport | undefined };
  readonly replicas: { state(): readonly ReplicaStatus[] };
  readonly names: NamesState;
  readonly kernelTexts: KernelTexts;
  readonly signals?: Signals;
  /** Files whose readings are kept away from the ticks. */
  readonly slowFiles?: () => readonly SlowFile[];
  readonly clocks: () => ClockPair;
}

/** What the agent knows, for the debug endpoint. */
export class AgentState {
  readonly #deps: AgentStateDeps;

  constructor(deps: AgentStateDeps) {
    this.#deps = deps;
  }

  state(options: StateOptions): DebugState {
    const { names, latest, replicas, kernelTexts, agentVersion, nodeName, cgroupMode, ...deps } = this.#deps;
    const clocks = deps.clocks();
    const timeOf = (usec: number) => rfc3339(clocks.wallMs - (clocks.monotonicUsec - usec) / 1000);
    const windowUsec = deps.windowUsec();
    const { report } = latest;
    const missing = names.notReported(options.pod);
    const byCgroup = new Map<string, NotReported>();
    for (const each of missing) if (each.cgroupPath !== undefined) byCgroup.set(each.cgroupPath, each);
    const { notReported, ...shown } = nodeState(
      {
        ...{ ...deps, namesProblem: names.problem, pushed: report, kernelTexts },
        unnamedReason: ({ path }) => byCgroup.get(path),
        wholePods: names.wholePods?.() ?? [],
      },
      windowUsec,
      clocks,
      options,
    );
    const said = new Set(notReported.map(({ cgroupPath }) => cgroupPath));
    const containers = shown.pods.flatMap((pod) => pod.containers);
    // The processes of a container that is still reported may have ended since it was read.
    for (const { pushed, cgroupPath } of containers) if (pushed !== undefined) said.add(cgroupPath);
    const rest = missing.filter(({ cgroupPath }) => cgroupPath === undefined || !said.has(cgroupPath));
    kernelTexts.look();
    deps.signals?.look();
    const slowFiles = deps.slowFiles?.() ?? [];
    return {
      time: rfc3339(clocks.wallMs),
      agentVersion,
      periodUsec: deps.periodUsec(),
      windowUsec,
      replicas: replicas.state().map((replica) => replicaState(replica, timeOf)),
      ...(report === undefined ? {} : { report: reportState(report, timeOf) }),
      ...(slowFiles.length === 0 ? {} : { slowFiles }),
      ...shown,
      node: { name: nodeName, cgroupMode, ...shown.node },
      notReported: [
        ...notReported.map((each) => {
          // Of a container that is not read its names may be known all the same.
          const found = each.what === 'cgroup' ? byCgroup.get(each.cgroupPath ?? '') : undefined;
          return found?.namespace === undefined ? each : { what: whatIs(found), ...found };
        }),
        ...rest.map((each) => ({ what: whatIs(each), ...each })),
      ],
    };
  }

  /** One pod, or why there is none. */
  pod(namespace: string, name: string): PodDetail | DebugError {
    const { node, unnamed, notReported, ...rest } = this.state({
      kernelFiles: true,
      pod: { namespace, name },
    });
    if (rest.pods.length === 0) {
      const reason = this.#missing(namespace, name);
      return { error: `no pod ${namespace}/${name}: ${reason.sentence}`, ...reason };
    }
    return {
      ...rest,
      node: { name: node.name, cgroupMode: node.cgroupMode },
      notReported: notReported.filter((each) => each.namespace === namespace && each.pod === name),
    };
  }

  /** For the kubelet's endpoints. @param withSignals whether to have limits, pressure and kinds of memory too */
  measured(withSignals: boolean): MeasuredNode {
    const { names, signals, ...deps } = this.#deps;
    if (withSignals) signals?.look();
    const read = {
      ...{ ...deps, namesProblem: names.problem, wholePods: names.wholePods?.() ?? [] },
      kubepodsRoots: names.kubepodsRoots ?? [],
      signals: withSignals ? signals : undefined,
    };
    return measuredNode(read, deps.windowUsec(), deps.clocks());
  }

  #missing(namespace: string, name: string): Reason {
    const { names } = this.#deps;
    const known = names
      .notReported({ namespace, name })
      .find((each) => each.namespace === namespace && each.pod === name);
    if (known !== undefined) return reasonIn(known);
    if (names.problem !== undefined) return { ...reasonOf('names-unreadable'), sentence: names.problem };
    return reasonOf('unknown-pod');
  }
}

function whatIs({ cgroupPath, container, pod }: NotReported): NotReportedState['what'] {
  if (container !== undefined) return 'container';
  if (pod !== undefined) return 'pod';
  return cgroupPath === undefined ? 'names' : 'cgroup';
}

function replicaState(
  { address, connected, sinceUsec, lastError, sent, heard }: ReplicaStatus,
  timeOf: (usec: number) => string,
): ReplicaState {
  return {
    ...{ address, connected, since: timeOf(sinceUsec) },
    ...(lastError === undefined ? {} : { lastError }),
    ...(sent === undefined
      ? {}
      : { sent: { sampledAt: timeOf(sent.sampledAtUsec), at: timeOf(sent.atUsec), reports: sent.reports } }),
    ...(heard === undefined
      ? {}
      : {
          answered: {
            at: timeOf(heard.atUsec),
            ...(heard.directive === undefined
              ? {}
              : {
                  periodUsec: heard.directive.periodUsec,
                  windowUsec: heard.directive.windowUsec,
                  peers: heard.directive.peers.length,
                }),
          },
        }),
  };
}

function reportState({ sampleMonotonicUsec, pods }: NodeReport, timeOf: (usec: number) => string) {
  const containers = pods.reduce((sum, { containers }) => sum + containers.length, 0);
  return { sampledAt: timeOf(sampleMonotonicUsec), pods: pods.length, containers };
}
