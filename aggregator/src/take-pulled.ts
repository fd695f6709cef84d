import type { PullerStreamsDeps } from './ingest/puller-streams.ts';
import type { Refusals } from './ingest/refusals.ts';
import { isAgentsReport } from './pulling/nodes-to-pull.ts';
import type { PullTries } from './pulling/pull-tries.ts';
import { withoutImplausible } from './snapshot/plausibility.ts';
import { serveOn } from './snapshot/pulled-samples.ts';
import type { Snapshot } from './snapshot/snapshot.ts';
import type { ReportTakers } from './take-reports.ts';

/** Where pulled reports go. */
export interface PulledTakers extends Omit<ReportTakers, 'snapshot' | 'refusals'> {
  readonly snapshot: Pick<Snapshot, 'latest' | 'putPulled'>;
  readonly refusals: Pick<Refusals, 'add' | 'addReport'>;
  readonly tries: Pick<PullTries, 'note'>;
  readonly periodMs: () => number;
  /** How long after the last try that went well a node is served, at least. */
  readonly silenceMs: number;
  readonly monotonicMs: () => number;
}

/** Puts what pullers have read into the snapshot, where no agent reports the node. */
export function takePulled(takers: PulledTakers): PullerStreamsDeps['accept'] {
  const { snapshot, capacities, refusals, tries, isServed, accepted, monotonicMs } = takers;
  return (puller, { node, report, sampledAtMs, problem }) => {
    tries.note(node, problem);
    if (!isServed(node)) return;
    const held = snapshot.latest(node);
    const nowMs = monotonicMs();
    if (report === undefined) {
      if (problem === undefined && held !== undefined) serveOn(held, takers.silenceMs, nowMs);
      return;
    }
    if (isAgentsReport(held, takers.periodMs(), nowMs)) {
      refusals.addReport('pulled report while an agent reports the node', { node, puller });
      return;
    }
    accepted();
    const { report: plausible, refused } = withoutImplausible(report, capacities.of(node));
    for (const reason of refused) refusals.add(reason, { node, puller });
    const unknown = snapshot.putPulled(node, plausible, sampledAtMs, puller);
    if (unknown > 0) refusals.add('pod that the watch does not know', { node, puller }, unknown);
  };
}
