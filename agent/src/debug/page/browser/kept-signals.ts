import type { ContainerState, DebugState, PodState } from '../../debug-state.ts';
import { containerKey } from './container-rows.ts';

/**
 * An event leaves out signals that are no newer than those of the event before, as they are read every 15 s only. Puts back what
 * is known of them.
 * @param before the state before, with its signals; undefined for the first one
 */
export function withKeptSignals(state: DebugState, before: DebugState | undefined): DebugState {
  if (before === undefined) return state;
  const pods = new Map<string, PodState>();
  const containers = new Map<string, ContainerState>();
  for (const pod of before.pods) {
    pods.set(pod.uid, pod);
    for (const container of pod.containers) containers.set(containerKey(pod, container), container);
  }
  return {
    ...state,
    node: kept(state.node, before.node),
    pods: state.pods.map((pod) => ({
      ...kept(pod, pods.get(pod.uid)),
      containers: pod.containers.map((container) =>
        kept(container, containers.get(containerKey(pod, container))),
      ),
    })),
  };
}

function kept<T extends { readonly signals?: unknown }>(now: T, before: T | undefined): T {
  if (now.signals !== undefined || before?.signals === undefined) return now;
  return { ...now, signals: before.signals };
}
