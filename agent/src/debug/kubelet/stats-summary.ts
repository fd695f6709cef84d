import type { Pressure, PressureLine } from '../../signals/signal-values.ts';
import type { Measured, MeasuredNode, MeasuredPod } from './measured-values.ts';

/** metav1.Time: whole seconds, UTC. */
type Time = string;

interface PsiData {
  /** In ns, as the type says; a kubelet that has the kernel's number from cAdvisor gives µs. */
  readonly total: number;
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
}

interface PsiStats {
  readonly full: PsiData;
  readonly some: PsiData;
}

interface CpuStats {
  readonly time: Time;
  readonly usageNanoCores?: number;
  readonly usageCoreNanoSeconds?: number;
  readonly psi?: PsiStats;
}

interface MemoryStats {
  readonly time: Time;
  readonly availableBytes?: number;
  readonly usageBytes?: number;
  readonly workingSetBytes?: number;
  readonly rssBytes?: number;
  readonly psi?: PsiStats;
}

interface SwapStats {
  readonly time: Time;
  readonly swapAvailableBytes?: number;
  readonly swapUsageBytes?: number;
}

/** What a cgroup uses; what is not known is left out. */
interface Stats {
  readonly cpu?: CpuStats;
  readonly memory?: MemoryStats;
  readonly swap?: SwapStats;
  readonly io?: { readonly time: Time; readonly psi: PsiStats };
}

/** Summary of k8s.io/kubelet stats/v1alpha1, as far as the agent measures it: no network, no file systems, no volumes. */
export interface StatsSummary {
  readonly node: Stats & {
    readonly nodeName: string;
    readonly startTime: Time;
    /** The cgroup of all pods; those of kubelet and runtime are not looked at. */
    readonly systemContainers?: readonly (Stats & { readonly name: 'pods'; readonly startTime: Time })[];
  };
  readonly pods: readonly (Stats & {
    readonly podRef: { readonly name: string; readonly namespace: string; readonly uid: string };
    readonly startTime: Time;
    readonly containers: readonly (Stats & { readonly name: string; readonly startTime: Time })[];
  })[];
}

/**
 * What a kubelet answers to /stats/summary. Times have whole seconds, as the kubelet's: rates should be taken from
 * `usageNanoCores`. @param onlyCpuAndMemory as the request's `only_cpu_and_memory`: leaves out I/O
 */
export function statsSummary(
  { name, bootedAtMs, node, allPods, pods }: MeasuredNode,
  onlyCpuAndMemory = false,
): StatsSummary {
  const of = (measured: Measured) => stats(measured, onlyCpuAndMemory);
  return {
    node: {
      nodeName: name,
      startTime: time(bootedAtMs),
      ...(allPods && {
        systemContainers: [{ name: 'pods', startTime: time(allPods.startedAtMs), ...of(allPods) }],
      }),
      ...of(node),
    },
    pods: pods.map((pod) => ({
      podRef: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
      startTime: time(pod.startedAtMs),
      containers: pod.containers.map((container) => ({
        name: container.name,
        startTime: time(container.startedAtMs),
        ...of(container),
      })),
      ...of(pod.own ?? summed(pod)),
    })),
  };
}

function stats(measured: Measured, onlyCpuAndMemory: boolean): Stats {
  const { atMs, cpuTime, cpuNanocores, memoryUsageBytes, memoryWorkingSetBytes, memoryRssBytes } = measured;
  const { memoryLimitBytes, swapBytes, swapLimitBytes } = measured;
  const at = { time: time(atMs) };
  const io = psi(measured.ioPressure);
  const nanoseconds = cpuTime && cpuTime.seconds * 1e9 + cpuTime.nanoseconds;
  return {
    ...(nanoseconds !== undefined && {
      cpu: {
        ...at,
        ...known('usageNanoCores', cpuNanocores),
        usageCoreNanoSeconds: nanoseconds,
        ...psi(measured.cpuPressure),
      },
    }),
    ...(memoryWorkingSetBytes !== undefined && {
      memory: {
        ...at,
        ...known('availableBytes', left(memoryLimitBytes, memoryWorkingSetBytes)),
        ...known('usageBytes', memoryUsageBytes),
        workingSetBytes: memoryWorkingSetBytes,
        ...known('rssBytes', memoryRssBytes),
        ...psi(measured.memoryPressure),
      },
    }),
    ...(swapBytes !== undefined && {
      swap: {
        ...at,
        ...known('swapAvailableBytes', left(swapLimitBytes, swapBytes)),
        swapUsageBytes: swapBytes,
      },
    }),
    ...(io !== undefined && !onlyCpuAndMemory && { io: { ...at, ...io } }),
  };
}

/** A pod without a cgroup of its own is the sum of its containers, at the time of the last of them. */
function summed({ containers, startedAtMs }: MeasuredPod): Measured {
  const sum = (read: (measured: Measured) => number | undefined): number | undefined => {
    const values = containers.map(read);
    return values.length > 0 && values.every((value) => value !== undefined)
      ? values.reduce<number>((total, value) => total + (value ?? 0), 0)
      : undefined;
  };
  const seconds = sum(({ cpuTime }) => cpuTime?.seconds);
  const nanoseconds = sum(({ cpuTime }) => cpuTime?.nanoseconds);
  return {
    atMs: Math.max(startedAtMs, ...containers.map(({ atMs }) => atMs)),
    ...(seconds !== undefined && nanoseconds !== undefined && { cpuTime: { seconds, nanoseconds } }),
    ...known(
      'cpuNanocores',
      sum(({ cpuNanocores }) => cpuNanocores),
    ),
    ...known(
      'memoryUsageBytes',
      sum(({ memoryUsageBytes }) => memoryUsageBytes),
    ),
    ...known(
      'memoryWorkingSetBytes',
      sum(({ memoryWorkingSetBytes }) => memoryWorkingSetBytes),
    ),
    ...known(
      'swapBytes',
      sum(({ swapBytes }) => swapBytes),
    ),
  };
}

/** Nothing where the kernel has only half of it: what is missing would be read as zero. */
function psi(pressure: Pressure | undefined): { psi: PsiStats } | undefined {
  if (pressure?.full === undefined) return undefined;
  return { psi: { full: psiData(pressure.full), some: psiData(pressure.some) } };
}

function psiData({ totalUsec, avg10, avg60, avg300 }: PressureLine): PsiData {
  return { total: totalUsec * 1000, avg10, avg60, avg300 };
}

function known<Name extends string>(name: Name, value: number | undefined): { [key in Name]?: number } {
  return (value === undefined ? {} : { [name]: value }) as { [key in Name]?: number };
}

function left(limitBytes: number | undefined, usedBytes: number): number | undefined {
  return limitBytes === undefined ? undefined : Math.max(0, limitBytes - usedBytes);
}

function time(wallMs: number): Time {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}
