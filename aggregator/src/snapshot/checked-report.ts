import type { PodNames } from './report-names.ts';

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
  /** By how much it was sampled before the report's instant; only of pulled ones. */
  readonly olderByUsec?: number;
  /** Its names as the sender's reports have them, the same object in each. */
  readonly names?: PodNames;
}

/** A report whose fields can be relied on. */
export interface CheckedReport {
  readonly sampleMonotonicUsec: number;
  readonly node: CheckedUsage | undefined;
  readonly pods: readonly CheckedPod[];
  /** How often the node reports, where it says so. */
  readonly periodUsec?: number;
  /** By how much the node itself was sampled before the report's instant; only of a pulled one. */
  readonly nodeOlderByUsec?: number;
}

/** Bounds of a report. A node runs 110 pods by default and some hundreds at the most. */
export const mostPods = 4_096;
export const mostContainers = 10_000;
export const mostContainersPerPod = 512;
export const longestName = 253;
/** By how much a pulled sample may be older than its report: what was not sampled for longer says nothing of the present. */
export const mostOlderUsec = 600_000_000;

export type PodRefusal =
  | 'pod without namespace, name or UID'
  | 'pod without containers'
  | `pod of more than ${typeof mostContainersPerPod} containers`
  | 'container without name or complete usage'
  | 'container twice in one pod'
  | 'pulled sample 10 minutes older than its report';

/** Why a report, or a part of it, cannot be used. */
export type ReportRefusal =
  | 'report without the instant of its sample'
  | `report of more than ${typeof mostPods} pods`
  | `report of more than ${typeof mostContainers} containers`
  | 'node usage is incomplete or no number'
  | 'pod twice in one report'
  | PodRefusal;

/** What could be used of a report, and a reason for each thing left out; or why nothing of it can be used. */
export type CheckedOutcome =
  | { readonly report: CheckedReport; readonly refused: readonly ReportRefusal[] }
  | { readonly reason: ReportRefusal };

/** Whether it says anything of swap. */
export function knowsSwap({ node, pods }: CheckedReport): boolean {
  return (
    node?.swapBytes !== undefined ||
    pods.some(({ containers }) => containers.some(({ swapBytes }) => swapBytes !== undefined))
  );
}

const longestPeriodMs = 60_000;

/** How often its node reports, as far as it counts; 0 where it does not say. An agent follows the replica that asks for the longest. */
export function periodMs({ periodUsec = 0 }: CheckedReport): number {
  return Math.min(longestPeriodMs, periodUsec / 1000);
}

/** Namespace, name or UID: printable ASCII without spaces. Whether there is such a pod is the watch's to say. */
export function isName(text: string): boolean {
  return text.length <= longestName && /^[\x21-\x7e]+$/.test(text);
}

/** An RFC 1123 label, as Kubernetes wants it. */
export function isContainerName(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(text);
}
