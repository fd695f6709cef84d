import type { CgroupTrack } from './cgroup-track.ts';
import type { ClockPair } from './debug/counter-points.ts';
import type {
  Measured,
  MeasuredContainer,
  MeasuredNode,
  MeasuredPod,
} from './debug/kubelet/measured-node.ts';
import type { WholePod } from './node-containers.ts';
import { type PodCgroups, podCgroupPath } from './pod-cgroups.ts';
import { type Sampler, shortestWindowUsec } from './sampler.ts';
import { countedByPod, type ReadContainer } from './seen-container.ts';

/** What has been sampled, and what of the machine does not change. */
export interface MeasuredNodeDeps {
  readonly sampler: Sampler;
  readonly podCgroups: PodCgroups;
  /** Pods of which only the whole can be measured. */
  readonly wholePods?: readonly WholePod[];
  /** Why no container can be named at present; undefined when all is well. */
  readonly namesProblem: string | undefined;
  readonly nodeName: string;
  readonly bootedAtMs: number;
  /** MemTotal of the machine. */
  readonly memoryTotalBytes: number;
  /** When a cgroup was made, wall clock; undefined when it is gone. */
  readonly madeAtMs: (cgroupPath: string) => number | undefined;
}

/** What the last tick has read, for the kubelet's endpoints. @param windowUsec the window that it has rated over */
export function measuredNode(
  {
    sampler,
    podCgroups,
    wholePods = [],
    namesProblem,
    nodeName,
    bootedAtMs,
    memoryTotalBytes,
    madeAtMs,
  }: MeasuredNodeDeps,
  windowUsec: number,
  clocks: ClockPair,
): MeasuredNode {
  const read = (track: CgroupTrack) => measured(track, windowUsec, clocks);
  const container = ({ named, track }: ReadContainer): MeasuredContainer => ({
    name: named.container,
    startedAtMs: named.startedAtMs,
    ...read(track),
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
    const ownRead = own !== undefined && isKnown(own) ? read(own) : undefined;
    return [{ namespace, name, uid, startedAtMs, own: ownRead, containers }];
  };
  const counted = countedByPod(sampler.containers());
  const wholePod = ({ path, named: { namespace, pod: name, podUid: uid } }: WholePod): MeasuredPod[] => {
    const own = podCgroups.get(path);
    const startedAtMs = madeAtMs(path);
    if (own === undefined || !isKnown(own) || startedAtMs === undefined || counted.has(uid)) return [];
    return [{ namespace, name, uid, startedAtMs, own: read(own), containers: [] }];
  };
  return {
    name: nodeName,
    bootedAtMs,
    node: { ...read(sampler.node), memoryLimitBytes: memoryTotalBytes },
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
