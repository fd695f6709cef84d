import type { NodeReport, PodUsage, Usage } from '@tacho/proto';
import type { KubeObject } from '../stand-ins/kube-apiserver/object-store.ts';

const mebibyte = 2 ** 20;

/** What a container uses, all the time. */
export interface FixedUsage {
  readonly cpuNanocores: number;
  readonly memoryBytes: number;
  /** Absent where the kernel counts none. */
  readonly swapBytes?: number;
}

/** A pod of the fixed cluster. */
export interface FixedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: Readonly<Record<string, FixedUsage>>;
}

/** A node of the fixed cluster, with four cores and 8 GiB. */
export interface FixedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly usage: FixedUsage;
  /** Of its swap, where it has any. */
  readonly swapCapacityBytes?: number;
}

/** What every rate covers. */
const windowUsec = 10_000_000;

/** In thousandths of a core and in MiB. */
export const using = (millicores: number, mebibytes: number, swapMebibytes?: number): FixedUsage => ({
  cpuNanocores: millicores * 1_000_000,
  memoryBytes: mebibytes * mebibyte,
  ...(swapMebibytes !== undefined && { swapBytes: swapMebibytes * mebibyte }),
});

/** Figures are whole thousandths of a core and MiB, so that every client rounds them alike. */
export const fixedNodes: readonly FixedNode[] = [
  { name: 'node-a', labels: { zone: 'east' }, usage: using(1_000, 2_048) },
  { name: 'node-b', labels: { zone: 'west' }, usage: using(400, 4_096) },
];

export const fixedPods: readonly FixedPod[] = [
  pod('default', 'web-0', 'node-a', { app: 'web' }, { main: using(250, 96), proxy: using(50, 32) }),
  pod('default', 'web-1', 'node-b', { app: 'web' }, { main: using(100, 200) }),
  pod('default', 'worker', 'node-b', { app: 'worker' }, { main: using(5, 16) }),
  pod('kube-system', 'dns', 'node-a', { 'k8s-app': 'dns' }, { main: using(2, 20) }),
];

/** A row of the table, or one more pod. */
export function pod(
  namespace: string,
  name: string,
  node: string,
  labels: FixedPod['labels'],
  containers: FixedPod['containers'],
): FixedPod {
  return { namespace, name, uid: `uid-of-${name}`, node, labels, containers };
}

/** As core/v1 Node. */
export function nodeObject({ name, labels, swapCapacityBytes }: FixedNode): KubeObject {
  const amounts = { cpu: '4', memory: '8Gi', pods: '110' };
  return {
    metadata: { name, labels: { ...labels } },
    spec: {},
    status: {
      capacity: amounts,
      allocatable: amounts,
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      conditions: [{ type: 'Ready', status: 'True', reason: 'Fixed', message: 'a row of a table' }],
      nodeInfo: {
        kubeletVersion: 'v1.37.0-tacho-stand-in',
        operatingSystem: 'linux',
        ...(swapCapacityBytes !== undefined && { swap: { capacity: swapCapacityBytes } }),
      },
    },
  };
}

/** As core/v1 Pod. */
export function podObject({ namespace, name, uid, node, labels, containers }: FixedPod): KubeObject {
  const names = Object.keys(containers);
  return {
    metadata: { namespace, name, uid, labels: { ...labels } },
    spec: { nodeName: node, containers: names.map((each) => ({ name: each, image: 'none' })) },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: names.map((each) => ({
        name: each,
        containerID: `containerd://${each}-of-${name}`,
        ready: true,
        restartCount: 0,
      })),
    },
  };
}

/** What the agent of a node would say of those of the pods that are on it. */
export function reportOf(
  { name, usage }: FixedNode,
  all: readonly FixedPod[],
  sampleMonotonicUsec: number,
): NodeReport {
  const pods: PodUsage[] = all
    .filter((each) => each.node === name)
    .map(({ containers, labels: _labels, node: _node, ...identity }) => ({
      ...identity,
      containers: Object.entries(containers).map(([container, used]) => ({
        name: container,
        usage: usageOf(used),
      })),
    }));
  return { sampleMonotonicUsec, node: usageOf(usage), pods };
}

function usageOf({ cpuNanocores, memoryBytes, swapBytes }: FixedUsage): Usage {
  const swap = swapBytes === undefined ? {} : { swapBytes };
  return { cpuNanocores, memoryWorkingSetBytes: memoryBytes, ...swap, windowUsec };
}
