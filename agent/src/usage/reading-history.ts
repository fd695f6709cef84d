import { RecordRing } from './record-ring.ts';

/** One reading of a cgroup as the kernel gave it. A number that is not known is NaN. */
export interface Reading {
  /** On the monotonic clock. */
  readonly sampledAtUsec: number;
  /** Cumulative CPU time: whole seconds, and nanoseconds of the second. */
  readonly usageSeconds: number;
  readonly usageNanoseconds: number;
  readonly workingSetBytes: number;
  readonly swapBytes: number;
}

/** What is kept: a minute. */
const keepUsec = 60_000_000;
/** One reading a second for a minute makes 61; a schedule that runs faster for a while must not take more memory. */
const mostReadings = 64;

/** The last minute's readings of one cgroup, for people who want to see where a number comes from. */
export class ReadingHistory {
  readonly #ring = new RecordRing(5);

  /** How many readings are kept. */
  get length(): number {
    return this.#ring.length;
  }

  /** Adds a reading; one that is not later than the last one says nothing new and is not kept. */
  add(reading: Reading): void {
    const ring = this.#ring;
    const { sampledAtUsec } = reading;
    if (sampledAtUsec <= ring.get(ring.length - 1, 0)) return;
    while (ring.length >= 2 && sampledAtUsec - ring.get(1, 0) >= keepUsec) ring.dropOldest();
    if (ring.length === mostReadings) ring.dropOldest();
    const added = ring.append();
    ring.set(added, 0, sampledAtUsec);
    ring.set(added, 1, reading.usageSeconds);
    ring.set(added, 2, reading.usageNanoseconds);
    ring.set(added, 3, reading.workingSetBytes);
    ring.set(added, 4, reading.swapBytes);
  }

  /** Copies, oldest first. */
  readings(): Reading[] {
    const ring = this.#ring;
    return Array.from({ length: ring.length }, (_, index) => ({
      sampledAtUsec: ring.get(index, 0),
      usageSeconds: ring.get(index, 1),
      usageNanoseconds: ring.get(index, 2),
      workingSetBytes: ring.get(index, 3),
      swapBytes: ring.get(index, 4),
    }));
  }
}
