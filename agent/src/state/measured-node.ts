import type { ClockPair } from '../debug/counter-points.ts';
import type {
  Measured,
  MeasuredContainer,
  MeasuredNode,
  MeasuredPod,
} from '../debug/kubelet/measured-values.ts';
import type { CgroupTrack } from '../sampling/cgroup-track.ts';
import type { WholePod } from '../sampling/node-containers.ts';
import { type PodCgroups, podCgroupPath } from '../sampling/pod-cgroups.ts';
import { type Sampler, shortestWindowUsec } from '../sampling/sampler.ts';
import { countedByPod, type ReadContainer } from '../sampling/seen-container.ts';
import type { CgroupSignals, Limit, RootSignals, Signal } from '../signals/signal-values.ts';
import type { Signals } from '../signals/signals.ts';

/** What has been sampled, and what of the machine does not change. */
export interface MeasuredNodeDeps {
  readonly sampler: Sampler;
  readonly podCgroups: PodCgroups;
  /** Pods of which only the whole can be measured. */
  readonly wholePods?: readonly WholePod[];
  /** The cgroups in which all pods lie. */
  readonly kubepodsRoots?: readonly string[];
  /** Why no container can be named at present; undefined when all is well. */
  readonly namesProblem: string | undefined;
  readonly nodeName: string;
  readonly bootedAtMs: number;
  /** MemTotal of the machine. */
  readonly memoryTotalBytes: number;
  /** Limits, pressure and kinds of memory, where somebody has looked at them of late. */
  readonly signals?: Pick<Signals, 'container' | 'pod' | 'node'> | undefined;
  /** When a cgroup was made, wall clock; undefined when it is gone. */
  readonly madeAtMs: (cgroupPath: string) => number | undefined;
}

/** What the last tick has read, for the kubelet's endpoints. @param windowUsec the window that it has rated over */
export function measuredNode(
  {
    sampler,
    podCgroups,
    wholePods = [],
    kubepodsRoots = [],
    namesProblem,
    nodeName,
    bootedAtMs,
    memoryTotalBytes,
    madeAtMs,
    signals,
  }: MeasuredNodeDeps,
  windowUsec: number,
  clocks: ClockPair,
): MeasuredNode {
  const read = (track: CgroupTrack) => measured(track, windowUsec, clocks);
  const container = ({ cgroup, named, track }: ReadContainer): MeasuredContainer => ({
    name: named.container,
    startedAtMs: named.startedAtMs,
    ...read(track),
    ...signalled(signals?.container(cgroup.path)),
  });
  const pod = (members: readonly ReadContainer[]): MeasuredPod[] => {
    const running = members.filter(({ track }) => isKnown(track));
    const [first] = running;
    if (first === undefined) return [];
    const path = podCgroupPath(first.cgroup.path);
    const own = path === undefined ? undefined : podCgroups.get(path);
    const { namespace, pod: name, podUid: uid } = first.named;
    const containers = running.map(container);
    const oldestMs = Math.min(...containers.map(({ startedAtMs }) => startedAtMs));
    const startedAtMs = Math.min((path && madeAtMs(path)) || oldestMs, oldestMs);
    const ownRead =
      own !== undefined && isKnown(own)
        ? { ...read(own), ...(path && signalled(signals?.pod(path))) }
        : undefined;
    return [{ namespace, name, uid, startedAtMs, own: ownRead, containers }];
  };
  const counted = countedByPod(sampler.containers());
  const wholePod = ({ path, named: { namespace, pod: name, podUid: uid } }: WholePod): MeasuredPod[] => {
    const own = podCgroups.get(path);
    const startedAtMs = madeAtMs(path);
    if (own === undefined || !isKnown(own) || startedAtMs === undefined || counted.has(uid)) return [];
    return [{ namespace, name, uid, startedAtMs, own: read(own), containers: [] }];
  };
  // Of two trees, say after another driver was chosen, neither is all pods.
  const [root = ''] = kubepodsRoots.length === 1 ? kubepodsRoots : [];
  const rootTrack = podCgroups.get(root);
  const allPods = rootTrack !== undefined && isKnown(rootTrack) ? read(rootTrack) : undefined;
  return {
    name: nodeName,
    bootedAtMs,
    node: { ...read(sampler.node), ...signalled(signals?.node), memoryLimitBytes: memoryTotalBytes },
    ...(allPods && { allPods: { ...allPods, startedAtMs: madeAtMs(root) ?? bootedAtMs } }),
    pods: [...[...counted.values()].flatMap(pod), ...wholePods.flatMap(wholePod)],
    isWhole: namesProblem === undefined && isKnown(sampler.node),
  };
}

/** Whether the last reading has anything to tell. */
function isKnown({ usage: { cpuStatus, workingSetStatus } }: CgroupTrack): boolean {
  return cpuStatus === 'ok' || workingSetStatus === 'ok';
}

function measured(track: CgroupTrack, windowUsec: number, { monotonicUsec, wallMs }: ClockPair): Measured {
  const { usage } = track;
  const value = track.value(windowUsec, shortestWindowUsec);
  const atUsec = Number.isNaN(usage.sampledAtUsec) ? monotonicUsec : usage.sampledAtUsec;
  return {
    atMs: wallMs - (monotonicUsec - atUsec) / 1000,
    ...(usage.cpuStatus === 'ok' && {
      cpuTime: { seconds: usage.usageSeconds, nanoseconds: usage.usageNanoseconds },
    }),
    ...(typeof value !== 'string' && { cpuNanocores: value.cpuNanocores }),
    ...(usage.memoryUsageStatus === 'ok' && { memoryUsageBytes: usage.memoryUsageBytes }),
    ...(usage.workingSetStatus === 'ok' && { memoryWorkingSetBytes: usage.workingSetBytes }),
    ...(usage.swapStatus === 'ok' && { swapBytes: usage.swapBytes }),
  };
}

/** No container can have more than this: what the kernel writes for no limit on v1 is above it. */
const mostBytes = 2 ** 62;

function signalled(signals: CgroupSignals | RootSignals | undefined): Partial<Measured> {
  if (signals === undefined) return {};
  const limits = 'memoryLimitBytes' in signals ? signals : undefined;
  return Object.fromEntries(
    Object.entries({
      memoryRssBytes: knownOf(signals.anonBytes),
      memoryLimitBytes: limitOf(limits?.memoryLimitBytes),
      swapLimitBytes: limitOf(limits?.swapLimitBytes),
      cpuPressure: knownOf(signals.cpuPressure),
      memoryPressure: knownOf(signals.memoryPressure),
      ioPressure: knownOf(signals.ioPressure),
    }).filter(([, value]) => value !== undefined),
  );
}

function knownOf<T>(signal: Signal<T> | undefined): T | undefined {
  return signal?.status === 'ok' ? signal.value : undefined;
}

function limitOf(signal: Signal<Limit> | undefined): number | undefined {
  const limit = knownOf(signal);
  return typeof limit === 'number' && limit <= mostBytes ? limit : undefined;
}
