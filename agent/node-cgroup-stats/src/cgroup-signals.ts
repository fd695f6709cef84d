import type {
  CpuLimit,
  CpuWeight,
  IoDevice,
  Limit,
  Pressure,
  PressureLine,
  Signal,
  Throttling,
} from './signal.ts';

/**
 * What a cgroup tells beside its usage: limits, throttling, pressure, events. All of it counts everything below the cgroup
 * too, but for the throttling. Where v1 and v2 differ in more than the file's name, the field says how.
 */
export interface CgroupSignals {
  readonly cpuLimit: Signal<CpuLimit>;
  readonly cpuWeight: Signal<CpuWeight>;
  readonly throttling: Signal<Throttling>;
  readonly cpuPressure: Signal<Pressure>;
  readonly memoryPressure: Signal<Pressure>;
  readonly ioPressure: Signal<Pressure>;

  /** memory.max, or v1's memory.limit_in_bytes. */
  readonly memoryLimitBytes: Signal<Limit>;
  /** v2 only. */
  readonly memoryHighBytes: Signal<Limit>;
  readonly memoryLowBytes: Signal<Limit>;
  readonly memoryMinBytes: Signal<Limit>;
  readonly memoryPeakBytes: Signal<number>;
  /** Processes killed for want of memory, below the cgroup too. v1 counts the cgroup's own. */
  readonly oomKills: Signal<number>;
  /** How often the limit was about to be exceeded: `max` of memory.events, or v1's memory.failcnt and memory.memsw.failcnt. */
  readonly memoryLimitHits: Signal<number>;

  readonly anonBytes: Signal<number>;
  readonly fileBytes: Signal<number>;
  readonly inactiveFileBytes: Signal<number>;
  readonly shmemBytes: Signal<number>;
  /** v2 only. */
  readonly slabBytes: Signal<number>;
  /** All kernel memory: v2 from kernel 5.18, or v1's memory.kmem.usage_in_bytes. */
  readonly kernelBytes: Signal<number>;

  readonly swapBytes: Signal<number>;
  /** v2 only: v1 limits memory and swap together. */
  readonly swapLimitBytes: Signal<Limit>;
  readonly swapPeakBytes: Signal<number>;
  /** v1 only. */
  readonly memoryAndSwapLimitBytes: Signal<Limit>;

  readonly pids: Signal<number>;
  readonly pidsLimit: Signal<Limit>;
  readonly pidsPeak: Signal<number>;

  /** Block devices with traffic. */
  readonly io: Signal<readonly IoDevice[]>;
}

/** What the root of the cgroups and /proc tell of the machine. Limits, throttling and peaks do not exist there. */
export interface RootSignals {
  /** Of /proc/pressure. */
  readonly cpuPressure: Signal<Pressure>;
  readonly memoryPressure: Signal<Pressure>;
  readonly ioPressure: Signal<Pressure>;
  /** From kernel 6.1, where interrupt time is accounted; interrupts hold up everything, so there is only `full`. */
  readonly irqPressure: Signal<PressureLine>;
  /** `oom_kill` of /proc/vmstat: all of the machine. */
  readonly oomKills: Signal<number>;
  readonly anonBytes: Signal<number>;
  readonly fileBytes: Signal<number>;
  readonly inactiveFileBytes: Signal<number>;
  readonly shmemBytes: Signal<number>;
  /** v2 only. */
  readonly slabBytes: Signal<number>;
  readonly io: Signal<readonly IoDevice[]>;
}
