import type { CheckedReport, CheckedUsage } from './checked-report.ts';
import type { Capacity } from './node-capacities.ts';

/** Why a part of a report cannot be true. */
export type PlausibilityRefusal =
  | 'pod that uses more than its node has'
  | 'node that uses more than it has'
  | 'window longer than any agent covers';

const none: readonly PlausibilityRefusal[] = [];
/** How far apart the reading of a counter and of the clock may be: an agent is put aside in between. */
const clockErrorUsec = 250_000;
/** No agent rates over less. */
const shortestWindowUsec = 400_000;
/** The longest --window, and readings that are three windows apart are not joined. */
const longestWindowUsec = 3 * 600_000_000;

/** A report without what its machine cannot have used, and why each part is missing. */
export interface PlausibleReport {
  readonly report: CheckedReport;
  readonly refused: readonly PlausibilityRefusal[];
}

/**
 * Leaves out each pod, and the node's own usage, of which a number is larger than the machine. A machine whose size is
 * not known is not judged by it; swap never is, since no node says reliably how much it has.
 */
export function withoutImplausible(report: CheckedReport, capacity: Capacity | undefined): PlausibleReport {
  let refused: PlausibilityRefusal[] | undefined;
  const nodeRefusal = report.node && implausible(report.node, capacity, 'node that uses more than it has');
  if (nodeRefusal !== undefined) refused = [nodeRefusal];
  let left: Set<unknown> | undefined;
  for (const pod of report.pods) {
    for (const container of pod.containers) {
      const reason = implausible(container, capacity, 'pod that uses more than its node has');
      if (reason === undefined) continue;
      refused ??= [];
      refused.push(reason);
      left ??= new Set();
      left.add(pod);
      break;
    }
  }
  if (refused === undefined) return { report, refused: none };
  const node = nodeRefusal === undefined ? report.node : undefined;
  const pods = left === undefined ? report.pods : report.pods.filter((pod) => !left.has(pod));
  return { report: { ...report, node, pods }, refused };
}

function implausible<Reason extends PlausibilityRefusal>(
  { cpuNanocores, memoryWorkingSetBytes, windowUsec }: CheckedUsage,
  capacity: Capacity | undefined,
  tooMuch: Reason,
): PlausibilityRefusal | undefined {
  if (windowUsec > longestWindowUsec) return 'window longer than any agent covers';
  const { cpuNanocores: cpus = Number.POSITIVE_INFINITY, memoryBytes = Number.POSITIVE_INFINITY } =
    capacity ?? {};
  const mostNanocores = cpus * (1 + clockErrorUsec / Math.max(windowUsec, shortestWindowUsec));
  return cpuNanocores > mostNanocores || memoryWorkingSetBytes > memoryBytes ? tooMuch : undefined;
}
