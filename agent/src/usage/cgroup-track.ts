import { type Cgroup, type CgroupUsage, createCgroupUsage } from 'node-cgroup-stats';
import { CounterHistory, type CpuRate, type Gap } from './counter-history.ts';

/** Why a cgroup has no value: a gap in its rate, or what is wrong with one of its kernel files. */
export type NoValue = Gap | `cpu ${string}` | `memory ${string}`;

/** A rate and a working set of one instant. */
export interface Value extends CpuRate {
  readonly memoryWorkingSetBytes: number;
  /** Undefined where the kernel does not count swap. */
  readonly swapBytes: number | undefined;
}

/** One cgroup that is read at each tick: its open files, its last reading, its counter over the window. */
export class CgroupTrack {
  readonly #cgroup: Cgroup;
  readonly #usage: CgroupUsage = createCgroupUsage();
  readonly #history = new CounterHistory();

  constructor(cgroup: Cgroup) {
    this.#cgroup = cgroup;
  }

  /** The last reading. */
  get usage(): Readonly<CgroupUsage> {
    return this.#usage;
  }

  /** Tells when counting began at zero, so that the first reading already gives a rate. */
  startedAt(instantUsec: number, windowUsec: number): void {
    this.#history.add(instantUsec, 0, 0, windowUsec);
  }

  /** Reads the kernel's files. @returns `gone` when the cgroup is no more */
  read(windowUsec: number): 'ok' | 'gone' {
    if (this.#cgroup.read(this.#usage) === 'gone') return 'gone';
    const { cpuStatus, sampledAtUsec, usageSeconds, usageNanoseconds } = this.#usage;
    if (cpuStatus === 'ok') this.#history.add(sampledAtUsec, usageSeconds, usageNanoseconds, windowUsec);
    return 'ok';
  }

  /** What the last reading is worth. A value is whole or not there. */
  value(windowUsec: number, minWindowUsec: number): Value | NoValue {
    const { cpuStatus, workingSetStatus, workingSetBytes, swapStatus, swapBytes } = this.#usage;
    if (cpuStatus !== 'ok') return `cpu ${cpuStatus}`;
    if (workingSetStatus !== 'ok') return `memory ${workingSetStatus}`;
    const rate = this.#history.rate(windowUsec, minWindowUsec);
    if (typeof rate === 'string') return rate;
    return {
      ...rate,
      memoryWorkingSetBytes: workingSetBytes,
      swapBytes: swapStatus === 'ok' ? swapBytes : undefined,
    };
  }

  close(): void {
    this.#cgroup.close();
  }
}
