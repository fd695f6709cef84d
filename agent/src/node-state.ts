import type { CgroupTrack } from './cgroup-track.ts';
import { type ClockPair, type CounterPoint, counterPoints, rfc3339 } from './debug/counter-points.ts';
import type { ContainerState, DebugState, PodState, UsageState } from './debug/debug-state.ts';
import { notReported } from './debug/not-reported.ts';
import type { StateOptions } from './debug/state-events.ts';
import { type PodCgroups, podCgroupPath } from './pod-cgroups.ts';
import { type Sampler, shortestWindowUsec } from './sampler.ts';
import { countedByPod, type ReadContainer, readContainers } from './seen-container.ts';

/** What has been sampled. */
export interface NodeStateDeps {
  readonly sampler: Sampler;
  readonly podCgroups: PodCgroups;
  /** Why no container can be named at present; undefined when all is well. */
  readonly namesProblem: string | undefined;
}

/** What has been sampled, as the debug endpoint shows it. */
export type NodeState = Pick<DebugState, 'pods' | 'unnamed' | 'notReported'> & { readonly node: UsageState };

const usuallyUnnamed = 'no log link: the pod’s sandbox, or a container that is being started';

/** Puts together what the last tick has left. @param windowUsec the window that it has rated over */
export function nodeState(
  { sampler, podCgroups, namesProblem }: NodeStateDeps,
  windowUsec: number,
  clocks: ClockPair,
  { countersAfterUsec = Number.NEGATIVE_INFINITY }: StateOptions = {},
): NodeState {
  const counters = (track: CgroupTrack | undefined): CounterPoint[] => {
    const readings = track?.readings.readings() ?? [];
    return counterPoints(
      readings.filter(({ sampledAtUsec }) => sampledAtUsec > countersAfterUsec),
      clocks,
    );
  };
  const usage = (track: CgroupTrack): UsageState => {
    const value = track.value(windowUsec, shortestWindowUsec);
    if (typeof value === 'string') return { why: value, counters: counters(track) };
    const { cpuNanocores, windowUsec: coveredUsec } = value;
    return { rate: { cpuNanocores, windowUsec: coveredUsec }, counters: counters(track) };
  };
  const container = ({ cgroup, named, track }: ReadContainer, isCounted: boolean): ContainerState => ({
    name: named.container,
    containerId: named.containerId,
    cgroupPath: cgroup.path,
    restartCount: named.restartCount,
    startedAt: rfc3339(named.startedAtMs),
    ...usage(track),
    ...(isCounted ? {} : { why: 'superseded' }),
  });
  const pod = (counted: readonly ReadContainer[], superseded: readonly ReadContainer[]): PodState[] => {
    const [first] = counted;
    if (first === undefined) return [];
    const cgroupPath = podCgroupPath(first.cgroup.path);
    const track = podCgroups.get(cgroupPath);
    const countersWhy = track?.problem();
    const containers = [
      ...counted.map((each) => container(each, true)),
      ...superseded.map((each) => container(each, false)),
    ];
    // A pod is left out whole, for the first of its containers that has no value.
    const valueless = containers.find(({ why }) => why !== undefined && why !== 'superseded');
    return [
      {
        namespace: first.named.namespace,
        name: first.named.pod,
        uid: first.named.podUid,
        cgroupPath,
        ...(valueless === undefined ? {} : { why: `container ${valueless.name}: ${valueless.why}` }),
        ...(countersWhy === undefined ? {} : { countersWhy }),
        counters: counters(track),
        containers,
      },
    ];
  };
  const counted = countedByPod(sampler.containers());
  const tracks = new Set([...counted.values()].flat().map(({ track }) => track));
  const superseded = [...readContainers(sampler.containers())].filter(({ track }) => !tracks.has(track));
  const shown = {
    node: usage(sampler.node),
    pods: [...counted].flatMap(([uid, members]) =>
      pod(
        members,
        superseded.filter(({ named }) => named.podUid === uid),
      ),
    ),
    unnamed: [...sampler.containers()].flatMap(({ cgroup: { path, containerId }, named }) =>
      named === undefined ? [{ cgroupPath: path, containerId, why: namesProblem ?? usuallyUnnamed }] : [],
    ),
  };
  return { ...shown, notReported: notReported(shown) };
}
