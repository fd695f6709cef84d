/** What the kubelet's link to a container's log says of the container. */
export interface ContainerName {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** The target's path adds the pod's UID and how often the container was restarted. */
export interface LogTarget extends ContainerName {
  readonly podUid: string;
  readonly restartCount: number;
}

// Kubernetes names hold no underscore, so the parts cannot be confused.
const link = /^([^_]+)_([^_]+)_([^_]+)-([0-9a-f]{64})\.log$/;
const target = /(?:^|\/)([^_/]+)_([^_/]+)_([^_/]+)\/([^/]+)\/(\d{1,9})\.log$/;

/** `<pod>_<namespace>_<container>-<container ID>.log`, a name in /var/log/containers. */
export function parseLogLink(name: string): (ContainerName & { readonly containerId: string }) | undefined {
  const [, pod, namespace, container, containerId] = link.exec(name) ?? [];
  if (pod === undefined || namespace === undefined || container === undefined || containerId === undefined) {
    return undefined;
  }
  return { namespace, pod, container, containerId };
}

/** `/var/log/pods/<namespace>_<pod>_<uid>/<container>/<restart count>.log`, what such a link points to. */
export function parseLogTarget(path: string): LogTarget | undefined {
  const [, namespace, pod, podUid, container, restarts] = target.exec(path) ?? [];
  if (namespace === undefined || pod === undefined || podUid === undefined || container === undefined)
    return undefined;
  return { namespace, pod, podUid, container, restartCount: Number(restarts) };
}
