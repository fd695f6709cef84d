import type { CounterPoint } from '../../../agent/src/debug/counter-points.ts';
import type { DebugState } from '../../../agent/src/debug/debug-state.ts';
import type { KubeletSample } from './kubelet-metrics.ts';

const mebibyte = 2 ** 20;
/** The kubelet notes the instant of a sample beside reading it, not with it: on a slow kernel tens of milliseconds apart. */
const besideMs = 100;

/** Who was compared, and by whom it is about where the kubelet's number is not what the agent's readings around it say. */
export interface Comparison {
  readonly compared: readonly string[];
  readonly problems: ReadonlyMap<string, string>;
}

/** A counter only grows: the kubelet's lies between the readings before and after it. */
export function compareCpu(kubelet: readonly KubeletSample[], agent: DebugState): Comparison {
  return compare(kubelet, agent, 'cpu_usage_seconds_total', (sample, around) => {
    const usec = sample.value * 1e6;
    const [before = Number.NaN, after = Number.NaN] = around.map(({ cpuUsageUsec }) => cpuUsageUsec);
    if (usec >= before - 1 && usec <= after + 1) return undefined;
    return `kubelet ${usec} µs, agent ${before} … ${after}`;
  });
}

export function compareWorkingSets(kubelet: readonly KubeletSample[], agent: DebugState): Comparison {
  return compare(kubelet, agent, 'memory_working_set_bytes', (sample, around) => {
    const [low = Number.NaN, high = Number.NaN] = around
      .map((each) => each.memoryWorkingSetBytes ?? Number.NaN)
      .sort((a, b) => a - b);
    const tolerance = low === high ? 0 : Math.max(mebibyte, 0.02 * high);
    if (sample.value >= low - tolerance && sample.value <= high + tolerance) return undefined;
    return `kubelet ${sample.value} bytes, agent ${low} … ${high}`;
  });
}

function compare(
  kubelet: readonly KubeletSample[],
  agent: DebugState,
  what: string,
  problemOf: (sample: KubeletSample, around: readonly [CounterPoint, CounterPoint]) => string | undefined,
): Comparison {
  const compared: string[] = [];
  const problems = new Map<string, string>();
  for (const { who, sample, readings } of pairs(kubelet, agent, what)) {
    const around = bracket(readings, sample.atMs);
    if (around === undefined) continue;
    compared.push(who);
    const problem = problemOf(sample, around);
    if (problem !== undefined) problems.set(who, `${who}: ${problem}`);
  }
  return { compared, problems };
}

export const containerOf = ({ labels }: KubeletSample) =>
  `${labels['namespace']}/${labels['pod']}/${labels['container']}`;

export const namesIn = (kubelet: readonly KubeletSample[]) =>
  kubelet
    .filter(({ metric }) => metric === 'container_cpu_usage_seconds_total')
    .map(containerOf)
    .sort();

export const namesOf = (agent: DebugState) =>
  agent.pods
    .flatMap((pod) => pod.containers.map((each) => `${pod.namespace}/${pod.name}/${each.name}`))
    .sort();

/** Each sample of the kubelet beside the agent's readings of the same container, pod or node. */
export function pairs(kubelet: readonly KubeletSample[], agent: DebugState, what: string) {
  const readingsOf = new Map<string, readonly CounterPoint[]>([
    ['node', agent.node.counters],
    ...agent.pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod.counters] as const),
    ...agent.pods.flatMap((pod) =>
      pod.containers.map((each) => [`${pod.namespace}/${pod.name}/${each.name}`, each.counters] as const),
    ),
  ]);
  return kubelet.flatMap((sample) => {
    const { metric, labels } = sample;
    const who =
      metric === `node_${what}`
        ? 'node'
        : metric === `pod_${what}`
          ? `${labels['namespace']}/${labels['pod']}`
          : metric === `container_${what}`
            ? containerOf(sample)
            : undefined;
    const readings = who === undefined ? undefined : readingsOf.get(who);
    return who === undefined || readings === undefined ? [] : [{ who, sample, readings }];
  });
}

/** The last reading before an instant and the first after it; undefined when the agent does not remember so far back. */
export function bracket(
  readings: readonly CounterPoint[],
  atMs: number | undefined,
): readonly [CounterPoint, CounterPoint] | undefined {
  if (atMs === undefined) return undefined;
  const before = readings.findLast(({ at }) => Date.parse(at) <= atMs - besideMs);
  const after = readings.find(({ at }) => Date.parse(at) >= atMs + besideMs);
  return before === undefined || after === undefined ? undefined : [before, after];
}
