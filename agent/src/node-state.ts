import type { CgroupTrack } from './cgroup-track.ts';
import { type ClockPair, counterPoints, rfc3339 } from './debug/counter-points.ts';
import type { ContainerState, DebugState, PodState, UnnamedState, UsageState } from './debug/debug-state.ts';
import { type PodCgroups, podCgroupPath } from './pod-cgroups.ts';
import { type Sampler, shortestWindowUsec } from './sampler.ts';
import { countedByPod, type ReadContainer, readContainers } from './seen-container.ts';

/** What is sampled, as the debug endpoint shows it. */
export type NodeState = Pick<DebugState, 'pods' | 'unnamed'> & { readonly node: UsageState };

/** Puts together what the last tick has left. @param windowUsec the window that it has rated over */
export function nodeState(
  sampler: Sampler,
  podCgroups: PodCgroups,
  windowUsec: number,
  clocks: ClockPair,
): NodeState {
  const usageState = (track: CgroupTrack): UsageState => {
    const value = track.value(windowUsec, shortestWindowUsec);
    return {
      ...(typeof value === 'string'
        ? { why: value }
        : { rate: { cpuNanocores: value.cpuNanocores, windowUsec: value.windowUsec } }),
      counters: counterPoints(track.readings.readings(), clocks),
    };
  };
  const containerState = (container: ReadContainer, counted: readonly ReadContainer[]): ContainerState => ({
    name: container.named.container,
    containerId: container.named.containerId,
    cgroupPath: container.cgroup.path,
    restartCount: container.named.restartCount,
    startedAt: rfc3339(container.named.linkedAtMs),
    ...usageState(container.track),
    ...(counted.some(({ track }) => track === container.track) ? {} : { why: 'superseded' }),
  });
  const podState = (
    uid: string,
    all: readonly ReadContainer[],
    counted: readonly ReadContainer[],
  ): PodState[] => {
    const [any] = counted;
    if (any === undefined) return [];
    const cgroupPath = podCgroupPath(any.cgroup.path);
    const track = podCgroups.get(cgroupPath);
    const problem = track?.problem();
    const why = whyLeftOut(counted, windowUsec);
    return [
      {
        namespace: any.named.namespace,
        name: any.named.pod,
        uid,
        cgroupPath,
        ...(why === undefined ? {} : { why }),
        ...(problem === undefined ? {} : { countersWhy: problem }),
        counters: track === undefined ? [] : counterPoints(track.readings.readings(), clocks),
        containers: all.map((container) => containerState(container, counted)),
      },
    ];
  };
  const counted = countedByPod(sampler.containers());
  const byPod = Map.groupBy(readContainers(sampler.containers()), ({ named }) => named.podUid);
  return {
    node: usageState(sampler.node),
    pods: [...byPod].flatMap(([uid, all]) => podState(uid, all, counted.get(uid) ?? [])),
    unnamed: [...sampler.containers()].flatMap(({ cgroup, named }) =>
      named === undefined ? unnamed(cgroup) : [],
    ),
  };
}

/** A pod is left out whole: for the first of its containers that has no value. */
function whyLeftOut(counted: readonly ReadContainer[], windowUsec: number): string | undefined {
  for (const { named, track } of counted) {
    const value = track.value(windowUsec, shortestWindowUsec);
    if (typeof value === 'string') return `container ${named.container}: ${value}`;
  }
  return undefined;
}

function unnamed({ path, containerId }: { path: string; containerId: string }): UnnamedState {
  return {
    cgroupPath: path,
    containerId,
    why: 'no log link: the pod’s sandbox, or a container that is being started',
  };
}
