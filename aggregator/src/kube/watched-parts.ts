import type { AgentPodObject } from './agent-pods.ts';
import type { KubeletNode } from './kubelet-addresses.ts';
import type { KubeObject } from './reflector.ts';

/** The part of a core/v1 Pod that somebody here reads. */
export interface WatchedPod extends AgentPodObject {
  readonly spec?: AgentPodObject['spec'] & { readonly containers?: readonly unknown[] };
}

/** The part of a core/v1 Node that somebody here reads. */
export interface WatchedNode extends KubeletNode {
  readonly status?: KubeletNode['status'] & { readonly capacity?: Readonly<Record<string, unknown>> };
}

/** On the mirror pod that the kubelet makes of a static pod: the UID which the node uses, the hash of the manifest. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/**
 * What is read of a pod. The rest, four kilobytes as a rule, would have to be held for all pods of the cluster until the last
 * page of their list has come.
 */
export function watchedPod({ metadata, spec, status }: WatchedPod): WatchedPod {
  const { creationTimestamp, deletionTimestamp, annotations } = metadata;
  const { nodeName, serviceAccountName, containers } = spec ?? {};
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const hash = annotations?.[mirrorAnnotation];
  return {
    metadata: {
      ...watchedNames(metadata),
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(hash !== undefined && { annotations: { [mirrorAnnotation]: hash } }),
    },
    spec: {
      ...(nodeName !== undefined && { nodeName }),
      ...(serviceAccountName !== undefined && { serviceAccountName }),
      // Only how many there are.
      ...(containers !== undefined && { containers: containers.map(() => undefined) }),
    },
    status: {
      ...(status?.phase !== undefined && { phase: status.phase }),
      ...(ready !== undefined && { conditions: [ready] }),
    },
  };
}

/** What is read of a node. Its list of images alone takes ten kilobytes. */
export function watchedNode({ metadata, status }: WatchedNode): WatchedNode {
  const capacity = status?.capacity;
  return { metadata: watchedNames(metadata), status: { ...(capacity !== undefined && { capacity }) } };
}

/** What is read of a node that may be pulled: where its kubelet is too. */
export function watchedKubelet(node: WatchedNode): WatchedNode {
  const { addresses, daemonEndpoints } = node.status ?? {};
  const { metadata, status } = watchedNode(node);
  return {
    metadata,
    status: {
      ...status,
      ...(addresses !== undefined && { addresses }),
      ...(daemonEndpoints !== undefined && { daemonEndpoints }),
    },
  };
}

function watchedNames({ name, namespace, uid, resourceVersion, labels }: KubeObject['metadata']) {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(labels !== undefined && { labels }),
  };
}
