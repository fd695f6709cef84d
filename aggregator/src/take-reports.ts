import type { IngestServerDeps } from './ingest/ingest-server.ts';
import type { Refusals } from './ingest/refusals.ts';
import type { NodeCapacities } from './snapshot/node-capacities.ts';
import { withoutImplausible } from './snapshot/plausibility.ts';
import type { Snapshot } from './snapshot/snapshot.ts';

/** Where reports go. */
export interface ReportTakers {
  readonly snapshot: Pick<Snapshot, 'put'>;
  readonly capacities: Pick<NodeCapacities, 'of'>;
  readonly refusals: Pick<Refusals, 'add'>;
  readonly isServed: (node: string) => boolean;
  /** Told of each report. */
  readonly accepted: () => void;
}

/** Puts reports into the snapshot without what cannot be true, and counts the pods in them that are not their node's. */
export function takeReports({
  snapshot,
  capacities,
  refusals,
  isServed,
  accepted,
}: ReportTakers): IngestServerDeps['accept'] {
  return (node, report, sampledAtMs) => {
    accepted();
    if (!isServed(node)) return;
    const { report: plausible, refused } = withoutImplausible(report, capacities.of(node));
    for (const reason of refused) refusals.add(reason, { node });
    for (const [reason, { count, example }] of snapshot.put(node, plausible, sampledAtMs)) {
      refusals.add(reason, { node, ...(example !== undefined && { why: example }) }, count);
    }
  };
}
