import type { HeldReport } from './held-entry.ts';

/** Less is what wall and monotonic clock differ by when NTP slews one of them. */
const leastStepMs = 500;

/** The last timestamp of each node, also of one that is forgotten otherwise: on one replica none goes back. */
export class HeldTimestamps {
  readonly #lastMs = new Map<string, number>();

  /** @returns the timestamp of a sample that the wall clock puts at this instant */
  next(node: string, sampledAtMs: number): number {
    const timestampMs = Math.max(sampledAtMs, this.#lastMs.get(node) ?? 0);
    this.#lastMs.set(node, timestampMs);
    return timestampMs;
  }

  /** Dates a report anew where the wall clock was set forward after it came: its age is what it was. */
  follow(node: string, report: HeldReport, wallMs: number, monotonicMs: number): void {
    const sampledAtMs = wallMs - (monotonicMs - report.sampledMs);
    if (sampledAtMs - report.timestampMs >= leastStepMs) report.dateAnew(this.next(node, sampledAtMs));
    for (const other of report.others) {
      const atMs = wallMs - (monotonicMs - other.sampledMs);
      if (atMs - other.timestampMs >= leastStepMs) other.dateAnew(atMs);
    }
  }

  forget(isKnown: (node: string) => boolean): void {
    for (const node of this.#lastMs.keys()) if (!isKnown(node)) this.#lastMs.delete(node);
  }
}
