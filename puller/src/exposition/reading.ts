/**
 * The series of a kubelet's /metrics/resource that are needed (KEP-2371, KEP-2400 for swap;
 * pkg/kubelet/metrics/collectors/resource_metrics.go), and what each is of.
 */
export const families = {
  node_cpu_usage_seconds_total: { of: 'node', kind: 'cpu' },
  node_memory_working_set_bytes: { of: 'node', kind: 'memory' },
  node_swap_usage_bytes: { of: 'node', kind: 'swap' },
  container_cpu_usage_seconds_total: { of: 'container', kind: 'cpu' },
  container_memory_working_set_bytes: { of: 'container', kind: 'memory' },
  container_swap_usage_bytes: { of: 'container', kind: 'swap' },
  container_start_time_seconds: { of: 'container', kind: 'start' },
} as const;

export type Kind = (typeof families)[keyof typeof families]['kind'];

/** What is wrong with one series: whatever it is of has no value then. */
export type Flaw = 'no number' | 'not a count' | 'no timestamp' | 'a timestamp that is none' | 'twice';

/** What a kubelet says of the node or of one container. Undefined is absent, and never zero. */
export class Reading {
  cpuSeconds: number | undefined;
  /** When the kubelet read the counter, by its own clock, in ms since 1970. */
  cpuAtMs: number | undefined;
  memoryBytes: number | undefined;
  swapBytes: number | undefined;
  /** By the kubelet's clock, in ms since 1970. */
  startedAtMs: number | undefined;
  /** The first thing that is wrong with its series. */
  flaw: Flaw | undefined;

  /**
   * Takes one series.
   * @param value NaN for what is no number
   * @param atMs undefined where there is no timestamp, NaN for what is none
   * @returns what is wrong with it
   */
  take(kind: Kind, value: number, atMs: number | undefined): Flaw | undefined {
    const flaw = this.#flawOf(kind, value, atMs);
    if (flaw === undefined) this.#keep(kind, value, atMs);
    else this.flaw ??= flaw;
    return flaw;
  }

  #flawOf(kind: Kind, value: number, atMs: number | undefined): Flaw | undefined {
    if (Number.isNaN(value)) return 'no number';
    if (atMs !== undefined && !(atMs > 0)) return 'a timestamp that is none';
    // Kubelets that do not know a start say zero, or a time long before there were any.
    if (kind === 'start') return undefined;
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) return 'not a count';
    if (atMs === undefined) return 'no timestamp';
    // The same figure of the same instant twice says nothing wrong; two figures leave none that could be believed.
    const had = this.#had(kind);
    const isSame = had === whole(kind, value) && (kind !== 'cpu' || this.cpuAtMs === atMs);
    return had === undefined || isSame ? undefined : 'twice';
  }

  #had(kind: 'cpu' | 'memory' | 'swap'): number | undefined {
    if (kind === 'cpu') return this.cpuSeconds;
    return kind === 'memory' ? this.memoryBytes : this.swapBytes;
  }

  #keep(kind: Kind, value: number, atMs: number | undefined): void {
    if (kind === 'cpu') {
      this.cpuSeconds = value;
      this.cpuAtMs = atMs;
    } else if (kind === 'memory') this.memoryBytes = whole(kind, value);
    else if (kind === 'swap') this.swapBytes = whole(kind, value);
    else if (value > 0 && value < 1e11) this.startedAtMs = value * 1_000;
  }
}

/** Bytes are whole numbers; a kubelet's always are. */
function whole(kind: 'cpu' | 'memory' | 'swap', value: number): number {
  return kind === 'cpu' ? value : Math.floor(value);
}

/** One container's, with its owner's names. */
export class ContainerReading extends Reading {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;

  constructor({ namespace, pod, container }: Owner) {
    super();
    this.namespace = namespace;
    this.pod = pod;
    this.container = container;
  }
}

/** Whose series it is. */
export interface Owner {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}
