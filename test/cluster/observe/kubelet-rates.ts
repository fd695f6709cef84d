import { goDurationNsec } from '../../../aggregator/src/api/text/go-duration.ts';
import type { KubeletSample } from './kubelet-metrics.ts';
import type { MetricsItem } from './metrics-reads.ts';

/** A node's numbers held against those that its kubelet's samples make. */
export class KubeletRates {
  readonly problems: string[] = [];
  /** Timestamps of the numbers that were compared. */
  readonly compared = new Set<string>();
  #lastLooked = 'nothing';
  /** Values by the instant of their sample, by series. */
  readonly #samples = new Map<string, Map<number, number>>();

  /** What was looked at last, for who waits in vain. */
  get lastLooked(): string {
    return this.#lastLooked;
  }

  note(samples: readonly KubeletSample[]): void {
    for (const { metric, value, atMs } of samples) {
      if (!metric.startsWith('node_') || atMs === undefined) continue;
      const series = this.#samples.get(metric) ?? new Map<number, number>();
      this.#samples.set(metric, series.set(atMs, value));
    }
  }

  /**
   * Where the item is of a sample that was noted and of an earlier one. That is not always the one before: who reads every 15 s
   * what is sampled every 10 sees some samples and not others. Timestamp and window say together which two they are.
   */
  compare({ metadata: { name }, timestamp, usage, window }: MetricsItem): void {
    const cpu = [...(this.#samples.get('node_cpu_usage_seconds_total') ?? [])].sort(([a], [b]) => a - b);
    const windowMs = goDurationNsec(window) / 1e6;
    // The API cuts off the part of a second; clocks of machine and node are one.
    const ofThatSecond = cpu.filter(([atMs]) => Math.abs(atMs - Date.parse(timestamp) - 500) <= 600);
    const [pair] = ofThatSecond.flatMap((last) =>
      cpu.filter(([atMs]) => Math.abs(last[0] - atMs - windowMs) < 1).map((before) => ({ last, before })),
    );
    this.#lastLooked = `shown: ${timestamp} over ${window}, seen: ${cpu.map(([atMs]) => new Date(atMs).toISOString().slice(11)).join(' ')}`;
    if (pair === undefined || this.compared.has(timestamp)) return;
    const { last, before } = pair;
    const seconds = (last[0] - before[0]) / 1_000;
    this.compared.add(timestamp);
    const cores = (last[1] - before[1]) / seconds;
    const said = Number.parseInt(usage?.['cpu'] ?? '', 10) / 1e9;
    if (!(Math.abs(said - cores) <= Math.max(0.002, 0.02 * cores))) {
      this.problems.push(`${name}: cpu ${usage?.['cpu']} at ${timestamp}, by the kubelet ${cores} cores`);
    }
    const bytes = this.#samples.get('node_memory_working_set_bytes')?.get(last[0]);
    if (bytes !== undefined && usage?.['memory'] !== `${Math.ceil(bytes / 1_024)}Ki`) {
      this.problems.push(
        `${name}: memory ${usage?.['memory']} at ${timestamp}, by the kubelet ${bytes} bytes`,
      );
    }
  }
}
