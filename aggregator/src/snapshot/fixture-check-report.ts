import type { NodeReport, Usage } from '@tacho/proto';
import {
  type CheckedContainer,
  type CheckedOutcome,
  type CheckedPod,
  type CheckedUsage,
  isContainerName,
  isName,
  mostContainers,
  mostContainersPerPod,
  mostPods,
  type PodRefusal,
  type ReportRefusal,
} from './checked-report.ts';

/** The rule of readReport() again, for a message that protobufjs has decoded: slow, and plain to read. */
export function checkReport(report: NodeReport): CheckedOutcome {
  const { sampleMonotonicUsec } = report;
  let containers = 0;
  for (const [index, pod] of report.pods.entries()) {
    if (index >= mostPods) return { reason: `report of more than ${mostPods} pods` };
    containers += pod.containers.length;
    if (containers > mostContainers) return { reason: `report of more than ${mostContainers} containers` };
  }
  if (!isCount(sampleMonotonicUsec)) return { reason: 'report without the instant of its sample' };
  const refused: ReportRefusal[] = [];
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
  const { periodUsec } = report;
  const its = isCount(periodUsec) ? { periodUsec } : {};
  return { report: { sampleMonotonicUsec, node, pods, ...its }, refused };
}

function checkPod(pod: NodeReport['pods'][number]): CheckedPod | PodRefusal {
  const { namespace, name, uid } = pod;
  if (![namespace, name, uid].every((text) => isName(text ?? '')))
    return 'pod without namespace, name or UID';
  if (pod.containers.length === 0) return 'pod without containers';
  if (pod.containers.length > mostContainersPerPod)
    return `pod of more than ${mostContainersPerPod} containers`;
  const containers: CheckedContainer[] = [];
  const names = new Set<string>();
  let windowUsec = 0;
  for (const container of pod.containers) {
    const usage = checkUsage(container.usage);
    if (!isContainerName(container.name ?? '') || usage === undefined)
      return 'container without name or complete usage';
    names.add(container.name);
    containers.push({ name: container.name, ...usage });
    windowUsec = Math.max(windowUsec, usage.windowUsec);
  }
  if (names.size < containers.length) return 'container twice in one pod';
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
