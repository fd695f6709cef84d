import type { ContainerState, DebugState, PodState } from '../../debug-state.ts';
import { highestPressure, throttledPercent } from './signal-words.ts';

/** One line of the table. A number that is not known is left out. */
export interface ContainerRow {
  /** The same for as long as the container lives. */
  readonly key: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly cpuNanocores?: number;
  readonly memoryBytes?: number;
  /** Of the CFS periods in which it wanted to run, lately. */
  readonly throttledPercent?: number;
  /** The highest `some avg10` of CPU, memory and I/O. */
  readonly pressurePercent?: number;
  readonly restarts: number;
  readonly reported: boolean;
  /** `reported`, or why not. */
  readonly state: string;
}

/** Two pods of one name, as after one was made anew, and two runs of one container are rows of their own. */
export function containerKey(
  pod: Pick<PodState, 'uid'>,
  container: Pick<ContainerState, 'containerId'>,
): string {
  return `${pod.uid}/${container.containerId}`;
}

/** A row for each named container, in the state's order. */
export function containerRows(state: Pick<DebugState, 'pods'>): ContainerRow[] {
  return state.pods.flatMap((pod) => pod.containers.map((container) => containerRow(pod, container)));
}

function containerRow(pod: PodState, container: ContainerState): ContainerRow {
  const { pushed, rate, counters, signals } = container;
  const reported = pushed !== undefined;
  const row = {
    key: containerKey(pod, container),
    namespace: pod.namespace,
    pod: pod.name,
    container: container.name,
    cpuNanocores: pushed?.cpuNanocores ?? rate?.cpuNanocores,
    memoryBytes: pushed?.memoryWorkingSetBytes ?? counters.at(-1)?.memoryWorkingSetBytes,
    throttledPercent: throttledPercent(signals?.recentThrottling),
    pressurePercent: highestPressure(signals),
    restarts: container.restartCount,
    reported,
    state: reported ? 'reported' : (container.why ?? pod.why ?? 'in no report yet'),
  };
  return withoutUndefined(row);
}

/** An optional property is left out rather than undefined. */
function withoutUndefined(row: { [K in keyof ContainerRow]: ContainerRow[K] | undefined }): ContainerRow {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== undefined),
  ) as unknown as ContainerRow;
}
