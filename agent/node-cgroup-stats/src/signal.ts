import type { QuantityStatus } from './status.ts';

/** Something that a kernel file told. */
export interface KnownSignal<T> {
  readonly status: 'ok';
  readonly value: T;
}

/** Something that is not known. Never 0 in its place. */
export interface MissingSignal {
  readonly status: Exclude<QuantityStatus, 'ok'>;
  /** For a person: what was looked for, what was found, and what it takes: a kernel version, a boot option, cgroup v2. */
  readonly why: string;
}

/** A value or the reason why there is none. Plain: it survives JSON. */
export type Signal<T> = KnownSignal<T> | MissingSignal;

/** A limit; `max` where there is none. */
export type Limit = number | 'max';

/** CFS bandwidth control: `quotaUsec` of CPU time in each `periodUsec`. */
export interface CpuLimit {
  readonly quotaUsec: Limit;
  readonly periodUsec: number;
  /** quotaUsec / periodUsec. */
  readonly cores: Limit;
}

/** The share of CPU time under contention, as the cgroup has it: `weight` 1 … 10000 in v2, `shares` 2 … 262144 in v1. */
export interface CpuWeight {
  readonly kind: 'weight' | 'shares';
  readonly value: number;
}

/** Counters of CFS bandwidth control since the cgroup was made; they do not include the cgroups below. */
export interface Throttling {
  /** Periods in which something wanted to run. */
  readonly periods: number;
  /** Of these, periods in which the quota was used up. */
  readonly throttledPeriods: number;
  /** The time that processors stood throttled, summed over processors. */
  readonly throttledUsec: number;
  /** Periods that went over the quota with what earlier ones had saved, and by how much; from kernel 5.15. */
  readonly bursts?: number;
  readonly burstUsec?: number;
}

/** One line of a pressure file: the share of time, in percent, over the last 10, 60 and 300 s, and the whole stall. */
export interface PressureLine {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly totalUsec: number;
}

/** Pressure stall information: `some` at least one task was waiting, `full` all of them at once. */
export interface Pressure {
  readonly some: PressureLine;
  /** Missing for CPU before kernel 5.13. */
  readonly full?: PressureLine;
}

/** What one block device did for a cgroup. */
export interface IoDevice {
  /** `major:minor`. */
  readonly device: string;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly reads: number;
  readonly writes: number;
}
