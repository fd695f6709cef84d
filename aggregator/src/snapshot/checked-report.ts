import type { NodeReport, Usage } from '@tacho/proto';

/** Values of a usage that are known to be numbers a kernel could have given. */
export interface CheckedUsage {
  readonly cpuNanocores: number;
  readonly memoryWorkingSetBytes: number;
  readonly swapBytes: number | undefined;
  readonly windowUsec: number;
}

/** A container of a checked report. */
export interface CheckedContainer extends CheckedUsage {
  readonly name: string;
}

/** A pod of a checked report; each of its containers has a value. */
export interface CheckedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The longest window of its containers: the API has one window for the whole pod. */
  readonly windowUsec: number;
  readonly containers: readonly CheckedContainer[];
}

/** A report whose fields can be relied on. */
export interface CheckedReport {
  readonly sampleMonotonicUsec: number;
  readonly node: CheckedUsage | undefined;
  readonly pods: readonly CheckedPod[];
}

/** Bounds of a report. A node runs 110 pods by default and some hundreds at the most. */
const mostPods = 4_096;
const mostContainersPerPod = 512;
const longestName = 253;

/**
 * Checks what a peer sent.
 * @returns the report with the pods that are sound and a reason for each thing left out; or the reason why
 * nothing of it can be used.
 */
export function checkReport(
  report: NodeReport,
): { readonly report: CheckedReport; readonly refused: readonly string[] } | { readonly reason: string } {
  const { sampleMonotonicUsec } = report;
  if (!isCount(sampleMonotonicUsec)) return { reason: 'report without the instant of its sample' };
  if (report.pods.length > mostPods) return { reason: `report of more than ${mostPods} pods` };
  const refused: string[] = [];
  const node = checkUsage(report.node);
  if (report.node && node === undefined) refused.push('node usage is incomplete or no number');
  const pods: CheckedPod[] = [];
  const seen = new Set<string>();
  for (const each of report.pods) {
    const pod = checkPod(each);
    if (typeof pod === 'string') refused.push(pod);
    else if (seen.has(pod.uid)) refused.push('pod twice in one report');
    else {
      seen.add(pod.uid);
      pods.push(pod);
    }
  }
  return { report: { sampleMonotonicUsec, node, pods }, refused };
}

function checkPod(pod: NodeReport['pods'][number]): CheckedPod | string {
  const { namespace, name, uid } = pod;
  if (!isName(namespace) || !isName(name) || !isName(uid)) return 'pod without namespace, name or UID';
  if (pod.containers.length === 0) return 'pod without containers';
  if (pod.containers.length > mostContainersPerPod)
    return `pod of more than ${mostContainersPerPod} containers`;
  const containers: CheckedContainer[] = [];
  const names = new Set<string>();
  let windowUsec = 0;
  for (const container of pod.containers) {
    const usage = checkUsage(container.usage);
    if (!isContainerName(container.name) || usage === undefined)
      return 'container without name or complete usage';
    if (names.has(container.name)) return 'container twice in one pod';
    names.add(container.name);
    containers.push({ name: container.name, ...usage });
    windowUsec = Math.max(windowUsec, usage.windowUsec);
  }
  return { namespace, name, uid, windowUsec, containers };
}

function checkUsage(usage: Usage | null | undefined): CheckedUsage | undefined {
  const { cpuNanocores, memoryWorkingSetBytes, swapBytes, windowUsec }: Partial<Usage> = usage ?? {};
  if (!isCount(cpuNanocores) || !isCount(memoryWorkingSetBytes) || !isCount(windowUsec) || windowUsec === 0) {
    return undefined;
  }
  if (swapBytes !== undefined && !isCount(swapBytes)) return undefined;
  return { cpuNanocores, memoryWorkingSetBytes, swapBytes, windowUsec };
}

/** Beyond 2^53 a number has lost digits on its way: no rate and no memory of a real machine is that large. */
function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= longestName;
}

/** An RFC 1123 label, as Kubernetes wants it. */
function isContainerName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(value);
}
