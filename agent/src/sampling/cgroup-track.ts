import { type Cgroup, type CgroupUsage, createCgroupUsage, type KernelFile } from 'node-cgroup-stats';
import { CounterHistory, type CpuRate, type Gap } from '../usage/counter-history.ts';
import { ReadingHistory } from '../usage/reading-history.ts';

/** What is wrong with the kernel files of a cgroup. */
export type ReadProblem = `cpu ${string}` | `memory ${string}`;

/** Why a cgroup has no value: a gap in its rate, or what is wrong with one of its kernel files. */
export type NoValue = Gap | ReadProblem;

/** A rate and a working set of one instant. */
export interface Value extends CpuRate {
  readonly memoryWorkingSetBytes: number;
  /** Undefined where the kernel does not count swap. */
  readonly swapBytes: number | undefined;
}

/** When a cgroup's counter began at zero, and what it can have counted since. */
export interface CounterStart {
  readonly startUsec: number;
  /** How many processors the machine has: no cgroup can use more. */
  readonly cpus: number;
}

/** One cgroup that is read at each tick: its open files, its last readings, its counter over the window. */
export class CgroupTrack {
  /** What was read in the last minute, for those who look at it. */
  readonly readings = new ReadingHistory();
  readonly #cgroup: Cgroup;
  readonly #usage: CgroupUsage = createCgroupUsage();
  readonly #history = new CounterHistory();
  #start: CounterStart | undefined;

  /** @param start where it is known: the first reading then already gives a rate */
  constructor(cgroup: Cgroup, start?: CounterStart) {
    this.#cgroup = cgroup;
    this.#start = start;
  }

  /** Reads the kernel's files. @returns `gone` when the cgroup is no more */
  read(windowUsec: number): 'ok' | 'gone' {
    if (this.#cgroup.read(this.#usage) === 'gone') return 'gone';
    this.readings.add(this.#usage);
    const { cpuStatus, sampledAtUsec, usageSeconds, usageNanoseconds } = this.#usage;
    if (cpuStatus !== 'ok') return 'ok';
    if (this.#start !== undefined) this.#begin(this.#start, windowUsec);
    this.#history.add(sampledAtUsec, usageSeconds, usageNanoseconds, windowUsec);
    return 'ok';
  }

  /** A start that the counter contradicts is not one: the wall clock, from which it was told, may have been set. */
  #begin({ startUsec, cpus }: CounterStart, windowUsec: number): void {
    const { sampledAtUsec, usageSeconds, usageNanoseconds } = this.#usage;
    const possibleSeconds = ((sampledAtUsec - startUsec) / 1e6) * cpus;
    if (usageSeconds + usageNanoseconds / 1e9 <= possibleSeconds)
      this.#history.add(startUsec, 0, 0, windowUsec);
    this.#start = undefined;
  }

  /** The files that are read, each with the errno name of its last failure. */
  get files(): readonly KernelFile[] {
    return this.#cgroup.files;
  }

  /** The last reading as it is; before the first one everything in it is NaN. Changed by the next. */
  get usage(): Readonly<CgroupUsage> {
    return this.#usage;
  }

  /** What the last reading lacks; undefined when it is whole. */
  problem(): ReadProblem | undefined {
    const { cpuStatus, workingSetStatus } = this.#usage;
    if (cpuStatus !== 'ok') return `cpu ${cpuStatus}`;
    return workingSetStatus === 'ok' ? undefined : `memory ${workingSetStatus}`;
  }

  /** What the last reading is worth. A value is whole or not there. */
  value(windowUsec: number, minWindowUsec: number): Value | NoValue {
    const problem = this.problem();
    if (problem !== undefined) return problem;
    const rate = this.#history.rate(windowUsec, minWindowUsec);
    if (typeof rate === 'string') return rate;
    const { workingSetBytes, swapStatus, swapBytes } = this.#usage;
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
