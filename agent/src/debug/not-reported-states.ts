import type { DebugState, NotReportedState } from './debug-state.ts';
import { reasonOf } from './reason.ts';

type Shown = Pick<DebugState, 'pods' | 'unnamed'> & { readonly node: { readonly why?: string } };

/** Everything that is in no report, each with its reason: the node, containers with their pods, and cgroups without a name. */
export function notReportedStates({ node, pods, unnamed }: Shown): NotReportedState[] {
  const all: NotReportedState[] = [];
  if (node.why !== undefined) all.push({ what: 'node', ...reasonOf(node.why) });
  for (const { namespace, name: pod, containers } of pods) {
    for (const { name: container, cgroupPath, why } of containers) {
      if (why === undefined) continue;
      all.push({ what: 'container', namespace, pod, container, cgroupPath, ...reasonOf(why) });
    }
  }
  for (const cgroup of unnamed) all.push({ what: 'cgroup', ...cgroup });
  return all;
}
