import type { QosClass } from './pod-spec.ts';

/** The QoS directories that the kubelet makes at its start; Guaranteed pods have none. */
export const QOS_DIRECTORIES = ['burstable', 'besteffort'] as const;

const QOS_PART: Record<QosClass, string> = {
  Guaranteed: '',
  Burstable: '/burstable',
  BestEffort: '/besteffort',
};

/** A pod's cgroup as the kubelet's cgroupfs driver names it: `<kubepods>[/burstable|/besteffort]/pod<uid>`. */
export function podCgroupPath(kubepodsPath: string, qosClass: QosClass, uid: string): string {
  return `${kubepodsPath}${QOS_PART[qosClass]}/pod${uid}`;
}
