/** What one container runs; every figure is exact, because tests and `kubectl top` are compared with it. */
export type Program =
  | { readonly kind: 'sleep' }
  /** One process that never stops computing; give the container a CPU limit. */
  | { readonly kind: 'spin' }
  /** Holds anonymous memory, after having read a file once whose pages stay in this cgroup's cache. */
  | { readonly kind: 'hold-memory'; readonly anonymousBytes: number; readonly fileBytes: number }
  /** Ends by itself, so that the container is started anew. */
  | { readonly kind: 'end-after'; readonly seconds: number };

export interface ContainerLimits {
  /** CFS quota in thousandths of a core, of a period of 100 ms. */
  readonly cpuMillicores?: number;
  readonly memoryBytes?: number;
}

export interface ContainerSpec {
  readonly name: string;
  readonly program: Program;
  readonly limits?: ContainerLimits;
}

/** `status.qosClass` of core/v1; it decides the pod's place below kubepods. */
export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

export interface PodSpec {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly qosClass: QosClass;
  readonly containers: readonly ContainerSpec[];
}

const MIB = 1024 * 1024;

/** The four pods that show everything worth seeing: a held CPU rate, known memory, nothing at all, restarts. */
export function demoPods(restartSeconds = 30): readonly PodSpec[] {
  const pod = (name: string, qosClass: QosClass, container: Omit<ContainerSpec, 'name'>): PodSpec => ({
    namespace: 'default',
    name,
    labels: { app: name },
    qosClass,
    containers: [{ name: 'main', ...container }],
  });
  return [
    pod('cpu-quota', 'Guaranteed', {
      program: { kind: 'spin' },
      limits: { cpuMillicores: 250, memoryBytes: 64 * MIB },
    }),
    pod('memory', 'Burstable', {
      program: { kind: 'hold-memory', anonymousBytes: 128 * MIB, fileBytes: 64 * MIB },
    }),
    pod('idle', 'BestEffort', { program: { kind: 'sleep' } }),
    pod('restarting', 'BestEffort', { program: { kind: 'end-after', seconds: restartSeconds } }),
  ];
}
