import type { ContainerState, DebugState } from '../../debug-state.ts';
import type { Reason } from '../../reason.ts';

/**
 * Why a container is not reported; undefined when it is, or when nothing is said of it. Never by its name: the run before
 * a restart has the same one, and keeps its log link while the kubelet keeps the log.
 */
export function unreportedReason(
  notReported: DebugState['notReported'],
  { pushed, cgroupPath, containerId }: Pick<ContainerState, 'pushed' | 'cgroupPath' | 'containerId'>,
): Reason | undefined {
  if (pushed !== undefined) return undefined;
  return notReported.find((each) => each.cgroupPath === cgroupPath || each.containerId === containerId);
}
