import { podCgroupPath } from '../sampling/pod-cgroups.ts';
import { readContainers, type SeenContainer } from '../sampling/seen-container.ts';
import type { SignalTargets } from '../signals/signal-round.ts';

/** The cgroups that signals are read of: the containers that have a name, and the pods that they lie in. */
export function signalTargets(seen: Iterable<SeenContainer>): SignalTargets {
  const containers = Array.from(readContainers(seen), ({ cgroup }) => cgroup.path);
  const pods = new Set<string>();
  for (const path of containers) {
    const pod = podCgroupPath(path);
    if (pod !== undefined) pods.add(pod);
  }
  return { pods: [...pods], containers };
}
