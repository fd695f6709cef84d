import type { Attempt } from '../kubelet/kubelet-connection.ts';
import type { PullRecord } from '../pulling/node-pulls.ts';

const slowMs = 1_000;

/** Counts tries for the metrics. */
export class TryCounts implements PullRecord {
  readonly tries = new Map<string, number>([['read', 0]]);
  trySeconds = 0;
  slowTries = 0;
  bytes = 0;

  note({ bytes, problem }: Attempt, tookMs: number): void {
    const outcome = problem?.reason ?? 'read';
    this.tries.set(outcome, (this.tries.get(outcome) ?? 0) + 1);
    this.trySeconds += tookMs / 1_000;
    if (tookMs >= slowMs) this.slowTries += 1;
    this.bytes += bytes;
  }
}
