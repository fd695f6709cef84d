import type { NodeReport, Usage } from '@tacho/proto';
import { type ClockPair, type CounterPoint, counterPoints, rfc3339 } from '../debug/counter-points.ts';
import type {
  ContainerState,
  DebugState,
  KernelFileState,
  PodState,
  PushedState,
  SignalsState,
  UsageState,
} from '../debug/debug-state.ts';
import { notReportedStates } from '../debug/not-reported-states.ts';
import { type Reason, reasonIn, reasonOf } from '../debug/reason.ts';
import type { StateOptions } from '../debug/state-events.ts';
import type { ContainerCgroup } from '../pods/kubepods-tree.ts';
import type { CgroupTrack } from '../sampling/cgroup-track.ts';
import type { WholePod } from '../sampling/node-containers.ts';
import { type PodCgroups, podCgroupPath } from '../sampling/pod-cgroups.ts';
import { type Sampler, shortestWindowUsec } from '../sampling/sampler.ts';
import { countedByPod, type ReadContainer, readContainers } from '../sampling/seen-container.ts';
import type { ReadCost } from '../signals/signal-values.ts';
import type { Signals } from '../signals/signals.ts';
import type { KernelTexts } from './kernel-texts.ts';

/** What has been sampled. */
export interface NodeStateDeps {
  readonly sampler: Sampler;
  readonly podCgroups: PodCgroups;
  /** Why no container can be named at present; undefined when all is well. */
  readonly namesProblem: string | undefined;
  /** Why a cgroup has no name, where more is known than that nobody has named it. */
  readonly unnamedReason?: (cgroup: ContainerCgroup) => Reason | undefined;
  /** Pods of which only the whole can be measured. */
  readonly wholePods?: readonly WholePod[];
  /** The report that was handed to the streams last. */
  readonly pushed?: NodeReport | undefined;
  readonly kernelTexts?: Pick<KernelTexts, 'of'>;
  readonly signals?: Pick<Signals, 'container' | 'pod' | 'node'>;
}

/** What has been sampled, as the debug endpoint shows it. */
export type NodeState = Pick<DebugState, 'pods' | 'unnamed' | 'notReported'> & {
  readonly node: Omit<DebugState['node'], 'name' | 'cgroupMode'>;
};

/** More files than this are not read anew for one answer: all of a node's would hold up the next tick. */
const mostReadAnew = 200;

/** Puts together what the last tick has left. @param windowUsec the window that it has rated over */
export function nodeState(
  {
    sampler,
    podCgroups,
    namesProblem,
    unnamedReason,
    wholePods = [],
    pushed,
    kernelTexts,
    signals,
  }: NodeStateDeps,
  windowUsec: number,
  clocks: ClockPair,
  { countersAfterUsec = Number.NEGATIVE_INFINITY, kernelFiles = false, pod: only }: StateOptions = {},
): NodeState {
  const pushedPods = new Map(pushed?.pods.map((each) => [each.uid, each]));
  const counters = (track: CgroupTrack | undefined): CounterPoint[] => {
    const readings = track?.readings.readings() ?? [];
    return counterPoints(
      readings.filter(({ sampledAtUsec }) => sampledAtUsec > countersAfterUsec),
      clocks,
    );
  };
  const tracked = [
    ...Array.from(readContainers(sampler.containers()), ({ track }) => track),
    ...podCgroups.tracks(),
  ];
  const fileCount = tracked.reduce((sum, { files }) => sum + files.length, 0);
  const mayRead = only !== undefined || fileCount <= mostReadAnew;
  const texts = (track: CgroupTrack | undefined): { kernelFiles?: readonly KernelFileState[] } =>
    kernelFiles && kernelTexts !== undefined && track !== undefined
      ? { kernelFiles: kernelTexts.of(track.files, mayRead && track !== sampler.node) }
      : {};
  const signalled = <S extends ReadCost>(read: S | undefined): { signals?: SignalsState<S> } =>
    read === undefined || read.readAtUsec <= countersAfterUsec
      ? {}
      : {
          signals: {
            ...read,
            readAt: rfc3339(clocks.wallMs - (clocks.monotonicUsec - read.readAtUsec) / 1000),
          },
        };
  const usage = (track: CgroupTrack, sent: Usage | undefined): UsageState => {
    const value = track.value(windowUsec, shortestWindowUsec);
    const rated =
      typeof value === 'string'
        ? { why: value }
        : { rate: { cpuNanocores: value.cpuNanocores, windowUsec: value.windowUsec } };
    const out = sent === undefined ? {} : { pushed: pushedState(sent) };
    return { ...texts(track), counters: counters(track), ...rated, ...out };
  };
  const container = ({ cgroup, named, track }: ReadContainer, isCounted: boolean): ContainerState => {
    const sent = pushedPods.get(named.podUid)?.containers.find(({ name }) => name === named.container);
    return {
      name: named.container,
      containerId: named.containerId,
      cgroupPath: cgroup.path,
      restartCount: named.restartCount,
      startedAt: rfc3339(named.startedAtMs),
      ...usage(track, isCounted ? sent?.usage : undefined),
      ...signalled(signals?.container(cgroup.path)),
      ...(isCounted ? {} : { why: 'superseded' }),
    };
  };
  const isAsked = (namespace: string, name: string) =>
    only === undefined || (only.namespace === namespace && only.name === name);
  const ownCgroup = (cgroupPath: string | undefined) => {
    if (cgroupPath === undefined) return { counters: [] };
    const track = podCgroups.get(cgroupPath);
    const countersWhy = track?.problem();
    return {
      cgroupPath,
      ...(countersWhy === undefined ? {} : { countersWhy }),
      ...texts(track),
      counters: counters(track),
      ...signalled(signals?.pod(cgroupPath)),
    };
  };
  const pod = (counted: readonly ReadContainer[], superseded: readonly ReadContainer[]): PodState[] => {
    const [first] = counted;
    if (first === undefined) return [];
    const { namespace, pod: name, podUid: uid } = first.named;
    if (!isAsked(namespace, name)) return [];
    const containers = [
      ...counted.map((each) => container(each, true)),
      ...superseded.map((each) => container(each, false)),
    ];
    // A pod is left out whole, for the first of its containers that has no value.
    const valueless = containers.find(({ why }) => why !== undefined && why !== 'superseded');
    return [
      {
        ...{ namespace, name, uid },
        ...(valueless === undefined ? {} : { why: `container ${valueless.name}: ${valueless.why}` }),
        ...ownCgroup(podCgroupPath(first.cgroup.path)),
        containers,
      },
    ];
  };
  const wholePod = ({ path, code, named: { namespace, pod: name, podUid: uid } }: WholePod): PodState[] =>
    isAsked(namespace, name)
      ? [
          {
            ...{ namespace, name, uid, why: `measured only as a whole: ${code}` },
            ...ownCgroup(path),
            containers: [],
          },
        ]
      : [];
  const counted = countedByPod(sampler.containers());
  const tracks = new Set([...counted.values()].flat().map(({ track }) => track));
  const superseded = [...readContainers(sampler.containers())].filter(({ track }) => !tracks.has(track));
  const unnamedWhy = (cgroup: ContainerCgroup): Reason => {
    const known = unnamedReason?.(cgroup);
    if (known !== undefined) return reasonIn(known);
    return namesProblem === undefined
      ? reasonOf('starting')
      : { ...reasonOf('names-unreadable'), sentence: namesProblem };
  };
  const shown = {
    node: { ...usage(sampler.node, pushed?.node), ...signalled(signals?.node) },
    pods: [...counted]
      .flatMap(([uid, members]) =>
        pod(
          members,
          superseded.filter(({ named }) => named.podUid === uid),
        ),
      )
      .concat(wholePods.filter(({ named }) => !counted.has(named.podUid)).flatMap(wholePod)),
    unnamed: [...sampler.containers()].flatMap(({ cgroup, named }) => {
      if (named !== undefined) return [];
      const { path: cgroupPath, containerId, podUid } = cgroup;
      return [{ cgroupPath, containerId, ...(podUid && { podUid }), ...unnamedWhy(cgroup) }];
    }),
  };
  return { ...shown, notReported: notReportedStates(shown) };
}

function pushedState({ cpuNanocores, windowUsec, memoryWorkingSetBytes, swapBytes }: Usage): PushedState {
  return {
    ...{ cpuNanocores, windowUsec, memoryWorkingSetBytes },
    ...(swapBytes === undefined ? {} : { swapBytes }),
  };
}
