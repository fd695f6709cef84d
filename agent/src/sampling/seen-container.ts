import type { NamedContainer } from '../pods/container-names.ts';
import type { ContainerCgroup } from '../pods/kubepods-tree.ts';
import type { CgroupTrack } from './cgroup-track.ts';

/** A container with its name and its start. */
export interface StartedContainer extends NamedContainer {
  /** When its cgroup was made, and so its counters began at zero; wall clock. */
  readonly startedAtMs: number;
}

/** A container whose cgroup exists. It is read once it has a name. */
export interface SeenContainer {
  readonly cgroup: ContainerCgroup;
  /** Undefined while nobody has named it, and for a pod's sandbox for ever. */
  readonly named: StartedContainer | undefined;
  readonly track: CgroupTrack | undefined;
}

/** A container that has a name and is read at each tick. */
export interface ReadContainer {
  readonly cgroup: ContainerCgroup;
  readonly named: StartedContainer;
  readonly track: CgroupTrack;
}

/** Those of the containers that are read. */
export function* readContainers(seen: Iterable<SeenContainer>): Generator<ReadContainer> {
  for (const { cgroup, named, track } of seen) {
    if (named !== undefined && track !== undefined) yield { cgroup, named, track };
  }
}

/**
 * The containers that make up each pod's value, by pod UID. While a restarted container's old cgroup drains, there are
 * two of one name: the newer one counts.
 */
export function countedByPod(seen: Iterable<SeenContainer>): Map<string, readonly ReadContainer[]> {
  const pods = new Map<string, Map<string, ReadContainer>>();
  for (const container of readContainers(seen)) {
    const { podUid, container: name, restartCount } = container.named;
    const pod = pods.get(podUid) ?? new Map<string, ReadContainer>();
    pods.set(podUid, pod);
    const other = pod.get(name);
    if (other === undefined || other.named.restartCount < restartCount) pod.set(name, container);
  }
  return new Map(Array.from(pods, ([uid, members]) => [uid, [...members.values()]]));
}
