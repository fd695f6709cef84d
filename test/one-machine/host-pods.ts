import { ContainerNames, type NamedContainer } from '../../agent/src/pods/container-names.ts';
import type { KubeObject } from '../stand-ins/kube-apiserver/object-store.ts';

/**
 * The pods of a kubelet that runs on this machine anyway, from its log links, as core/v1 Pods: with them a user who may
 * not make cgroups still sees what is there to be read.
 */
export function hostPods(containerLogs: string, nodeName: string): readonly KubeObject[] {
  const names = new ContainerNames(containerLogs);
  names.refresh();
  const pods = new Map<string, readonly NamedContainer[]>();
  for (const named of names.all()) pods.set(named.podUid, [...(pods.get(named.podUid) ?? []), named]);
  return [...pods].flatMap(([uid, containers]) => {
    const [first] = containers;
    if (first === undefined) return [];
    return {
      metadata: { namespace: first.namespace, name: first.pod, uid },
      spec: { nodeName, containers: containers.map(({ container }) => ({ name: container })) },
      status: { phase: 'Running', startTime: new Date(first.linkedAtMs).toISOString() },
    };
  });
}
