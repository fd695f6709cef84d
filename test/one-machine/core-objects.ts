import { arch, cpus, release, totalmem } from 'node:os';
import type { KubeObject } from '../stand-ins/kube-apiserver/object-store.ts';
import type { Pod } from '../stand-ins/kubelet/pod.ts';

/** This machine as a core/v1 Node. */
export function nodeObject(name: string): KubeObject {
  const amounts = {
    // Not availableParallelism(): the agent reads what all of them did, not only those that this process may use.
    cpu: String(cpus().length),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: '110',
  };
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
    spec: {},
    status: {
      capacity: amounts,
      allocatable: amounts,
      conditions: [{ type: 'Ready', status: 'True', reason: 'StandIn', message: 'this machine' }],
      nodeInfo: {
        architecture: arch() === 'x64' ? 'amd64' : arch(),
        kernelVersion: release(),
        kubeletVersion: 'v1.37.0-tacho-stand-in',
        operatingSystem: 'linux',
      },
    },
  };
}

/** A workload as a core/v1 Pod, as a kubelet would have reported it. */
export function podObject(pod: Pod, nodeName: string): KubeObject {
  return {
    metadata: { namespace: pod.namespace, name: pod.name, uid: pod.uid, labels: { ...pod.labels } },
    spec: {
      nodeName,
      containers: pod.containers.map(({ name }) => ({ name, image: 'a process of this machine' })),
    },
    status: {
      phase: 'Running',
      qosClass: pod.qosClass,
      startTime: new Date(Math.min(...pod.containers.map(({ startedAt }) => startedAt.wallMs))).toISOString(),
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: pod.containers.map(({ id, name, restartCount, startedAt }) => ({
        name,
        containerID: `containerd://${id}`,
        restartCount,
        ready: true,
        state: { running: { startedAt: new Date(startedAt.wallMs).toISOString() } },
      })),
    },
  };
}
