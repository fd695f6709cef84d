import type { NodeReport } from '@tacho/proto';
import type { Outbox } from './outbox.ts';

/** What an agent has to say: its latest report, to each replica once on each stream. */
export class LatestReport {
  report: NodeReport | undefined;

  /** For one replica. */
  outbox(): Outbox {
    let sent: NodeReport | undefined;
    return {
      begin() {
        sent = undefined;
      },
      next: () => {
        if (this.report === sent || this.report === undefined) return undefined;
        sent = this.report;
        return { report: sent };
      },
    };
  }
}
